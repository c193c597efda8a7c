;;; origin.el --- The function that a lesson was learnt on, where two files have one name -*- lexical-binding: t; -*-

(load (expand-file-name "person.el" (file-name-directory load-file-name)) nil t)

(defvar origin-root (file-name-directory (getenv "FILE")) "The workspace.")

(defun origin-opened (place)
  "Return the place below the workspace that opening a lesson of PLACE leads to, or what is said instead."
  (with-temp-buffer
    (paceline-lessons-mode)
    (setq tabulated-list-entries
          (list (paceline--lesson-row
                 (list :root (directory-file-name origin-root) :place place :category "other"
                       :transformation "less" :evidence '(:outcome "faster")
                       :origin '(:target "Cart.total" :file "module.py")))))
    (tabulated-list-print)
    (goto-char (point-min))
    (condition-case problem
        (save-window-excursion
          (call-interactively (key-binding (kbd "o")))
          (format "%s: %s" (file-relative-name buffer-file-name origin-root)
                  (buffer-substring-no-properties (line-beginning-position) (line-end-position))))
      (user-error (error-message-string problem)))))

(person-tell
 (lambda ()
   (load (getenv "SET_UP") nil t)
   (person-saw 'of_two (vector (origin-opened "module.py") (origin-opened "below/module.py")))
   (person-saw 'moved (origin-opened "gone/module.py"))
   (person-saw 'outside (origin-opened "../outside/module.py"))
   (person-saw 'older (origin-opened nil))
   (dolist (place '("module.py" "below/module.py"))
     (delete-file (expand-file-name place origin-root)))
   (person-saw 'gone (origin-opened "below/module.py"))))

;;; origin.el ends here

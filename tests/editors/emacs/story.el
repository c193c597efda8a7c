;;; story.el --- The whole story in Emacs -*- lexical-binding: t; -*-

(load (expand-file-name "person.el" (file-name-directory load-file-name)) nil t)

(defun story--hints ()
  "Return the hints of this buffer as text."
  (mapcar (lambda (hint)
            (format "%s: %s" (line-number-at-pos (flymake-diagnostic-beg hint)) (flymake-diagnostic-text hint)))
          (flymake-diagnostics)))

(person-tell
 (lambda ()
   (person-open (getenv "FILE"))
   (search-forward "first came in")
   (person-saw 'hints (vconcat (person-wait "hints" (story--hints))))

   ;; What there is at a slow function.
   (let ((actions (eglot-code-actions (point) (point))))
     (person-saw 'actions (vconcat (mapcar (lambda (action) (plist-get action :title)) actions))))

   ;; A run, with the question about trust, and its progress in the mode line.
   (paceline-optimize)
   (person-saw 'status (person-wait "progress"
                                    (and (string-match-p "timing" paceline-status) (paceline--mode-line))))
   (person-hear "^unique_emails can be")

   ;; The choice, with the diff; the fastest is applied and saved.
   (let ((source (current-buffer)))
     (paceline-pick)
     (person-saw 'choice (person-see "*Paceline*"))
     (with-current-buffer "*Paceline*" (paceline-pick-apply))
     (with-current-buffer source
       (person-hear "^Applied")
       (save-buffer)
       (person-wait "the hints of what was saved"
                    (not (cl-find-if (lambda (hint) (string-match-p "^8: " hint)) (story--hints))))
       (person-saw 'hints_after (vconcat (story--hints)))

       (paceline-evidence)
       (person-saw 'evidence (person-see "*Paceline evidence*"))))

   (switch-to-buffer (find-buffer-visiting (getenv "FILE")))
   (paceline-lessons)
   (person-saw 'lessons (person-see "*Paceline lessons*"))
   (with-current-buffer "*Paceline lessons*"
     (goto-char (point-min))
     (paceline-lessons-pin))
   (person-wait "the pin" (string-match-p "^\\*" (person-see "*Paceline lessons*")))

   (switch-to-buffer (find-buffer-visiting (getenv "FILE")))
   (let ((server (eglot-current-server)))
     (eglot-shutdown server)
     (person-wait "the server to end" (not (jsonrpc-running-p server))))))

;;; story.el ends here

;;; person.el --- A person at Emacs: does things, waits for what comes of them, notes what was seen -*- lexical-binding: t; -*-

;; Nothing sleeps: everything waits for what it needs, and says what was seen when that does not come.

(require 'cl-lib)
(require 'json)
(require 'package)
(package-initialize)

(defvar person-seen nil "What was seen: an alist of symbols and JSON values.")
(defvar person-said nil "Messages, newest first.")
(defvar person-asked nil "Questions, newest first.")

(defconst person-wait-s 60 "How long anything may take.")

(advice-add 'message :before
            (lambda (form &rest words) (when form (push (apply #'format form words) person-said))))

(advice-add 'completing-read :override
            (lambda (question choices &rest _)
              (push question person-asked)
              (or (car (member "Trust and run" choices))
                  (error "Nobody expected to be asked: %s %S" question choices))))

(defun person-saw (name value)
  "Note VALUE under NAME."
  (push (cons name value) person-seen))

(defmacro person-wait (what &rest holds)
  "Wait for WHAT until HOLDS is true, and return its value."
  `(let ((deadline (+ (float-time) person-wait-s)) found)
     (while (not (setq found (progn ,@holds)))
       (when (> (float-time) deadline)
         (error "Waited in vain for %s; said: %S" ,what (cl-subseq person-said 0 (min 10 (length person-said)))))
       (accept-process-output nil 0.01))
     found))

(defun person-hear (pattern)
  "Wait until something was said that matches PATTERN, and return it."
  (person-wait pattern (cl-find-if (lambda (one) (string-match-p pattern one)) person-said)))

(defun person-see (name)
  "Wait until the buffer NAME has something to say, and return its text."
  (person-wait name (and (get-buffer name)
                         (with-current-buffer name
                           (and (> (buffer-size) 0)
                                (buffer-substring-no-properties (point-min) (point-max)))))))

(defun person-open (file)
  "Open FILE with the set-up of the README, and connect."
  (load (getenv "SET_UP") nil t)
  (setq paceline-command (split-string (getenv "SERVER") "\n")
        eglot-autoshutdown t
        eglot-connect-timeout person-wait-s
        eglot-sync-connect person-wait-s)
  (find-file file)
  (call-interactively #'eglot)
  (person-wait "the server" (eglot-current-server)))

(defun person-tell (story)
  "Run STORY, and leave what was seen where the test looks for it."
  (condition-case problem
      (funcall story)
    (error (person-saw 'problem (format "%S" problem))))
  (person-saw 'said (vconcat (reverse person-said)))
  (person-saw 'asked (vconcat (reverse person-asked)))
  (with-temp-file (getenv "SEEN")
    (insert (json-encode person-seen)))
  (kill-emacs 0))

;;; person.el ends here

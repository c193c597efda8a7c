;;; cancelled.el --- A run is cancelled; the team rests -*- lexical-binding: t; -*-

(load (expand-file-name "person.el" (file-name-directory load-file-name)) nil t)

(defun cancelled--running ()
  "Return whether the server is at work on any function of this buffer."
  (cl-some (lambda (one) (eq (plist-get one :running) t))
           (plist-get (jsonrpc-request (eglot-current-server) :paceline/functions
                                       (list :textDocument (eglot--TextDocumentIdentifier)))
                      :functions)))

(person-tell
 (lambda ()
   (person-open (getenv "FILE"))
   (search-forward "first came in")
   (paceline-optimize)
   (person-wait "the run" (string-match-p "comparing\\|timing" paceline-status))
   (person-saw 'running (if (cancelled--running) t :json-false))
   (paceline-cancel)
   (person-hear "^Paceline: cancelled")
   (person-saw 'status (paceline--mode-line))
   (person-wait "the team to rest" (not (cancelled--running)))
   (eglot-shutdown (eglot-current-server))))

;;; cancelled.el ends here

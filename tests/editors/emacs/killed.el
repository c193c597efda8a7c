;;; killed.el --- The server is killed in the middle of a run -*- lexical-binding: t; -*-

(load (expand-file-name "person.el" (file-name-directory load-file-name)) nil t)

(person-tell
 (lambda ()
   ;; What eglot does after three seconds of service, at once.
   (setq eglot-autoreconnect t)
   (person-open (getenv "FILE"))
   (let ((first (eglot-current-server)))
     (search-forward "first came in")
     (paceline-optimize)
     (person-wait "the run" (string-match-p "timing" paceline-status))
     (signal-process (jsonrpc--process first) 'SIGKILL)
     (person-saw 'heard (person-hear "^Paceline: "))
     (person-wait "another server" (let ((now (eglot-current-server))) (and now (not (eq now first)))))
     (person-saw 'status (paceline--mode-line))
     (person-saw 'actions
                 (vconcat (mapcar (lambda (action) (plist-get action :title))
                                  (eglot-code-actions (point) (point)))))
     (eglot-shutdown (eglot-current-server)))))

;;; killed.el ends here

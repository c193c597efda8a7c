;;; paceline.el --- Proven faster versions of functions, through eglot -*- lexical-binding: t; -*-

;; Package-Requires: ((emacs "29.1"))
;; SPDX-License-Identifier: Apache-2.0

;;; Commentary:

;; Emacs 29 and newer have eglot built in.  Load this file, then M-x eglot in a Python buffer.
;; eglot runs one server a buffer: Paceline takes the place of another Python server there.

;;; Code:

(require 'eglot)

(defgroup paceline nil
  "Proven faster versions of functions."
  :group 'programming)

(defcustom paceline-command '("paceline" "serve" "--stdio")
  "How the server is started."
  :type '(repeat string))

(add-to-list 'eglot-server-programs
             `((python-mode python-ts-mode) . ,(lambda (&rest _) paceline-command)))

(defun paceline-optimize ()
  "Have faster versions of the function at point proven.
They are among its code actions (\\[eglot-code-actions]) as soon as they are."
  (interactive)
  (let ((server (eglot-current-server)))
    (unless server
      (user-error "No language server here; M-x eglot starts one"))
    (jsonrpc-async-request
     server :workspace/executeCommand
     (list :command "paceline.optimize"
           :arguments (vector (plist-get (eglot--TextDocumentIdentifier) :uri)
                              (eglot--pos-to-lsp-position)))
     :error-fn (lambda (problem) (message "Paceline: %s" (plist-get problem :message))))))

(provide 'paceline)
;;; paceline.el ends here

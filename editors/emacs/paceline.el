;;; paceline.el --- Proven faster versions of functions, through eglot -*- lexical-binding: t; -*-

;; Package-Requires: ((emacs "28.1") (eglot "1.9"))
;; SPDX-License-Identifier: Apache-2.0

;;; Commentary:

;; Emacs 29 and newer have eglot built in; for Emacs 28 it is a package.  Load this file, then
;; M-x eglot in a Python buffer.
;; eglot runs one server a buffer: Paceline takes the place of another Python server there.
;;
;; M-x paceline-optimize   have faster versions of the function at point proven
;; M-x paceline-cancel     end the runs
;; M-x paceline-pick       choose among the proven versions, each with its diff
;; M-x paceline-evidence   what was compared and measured
;; M-x paceline-lessons    what was learnt in this workspace

;;; Code:

(require 'cl-lib)
(require 'diff-mode)
(require 'eglot)
(require 'tabulated-list)

(defgroup paceline nil
  "Proven faster versions of functions."
  :group 'programming)

(defcustom paceline-command '("paceline" "serve" "--stdio")
  "How the server is started."
  :type '(repeat string))

(defvar paceline--runs nil
  "The runs that go on: plists with :server and :token.")

(defvar paceline--count 0
  "How many runs were begun here.")

(defvar paceline-status ""
  "What the team is doing, for the mode line.  Empty while it rests.")
(put 'paceline-status 'risky-local-variable t)

(defclass paceline-server (eglot-lsp-server) ()
  :documentation "A connection to Paceline.")

(cl-defmethod eglot-client-capabilities :around ((_server paceline-server))
  "Say that questions are answered here: eglot asks them, but does not say so."
  (let ((capabilities (cl-call-next-method)))
    (plist-put capabilities :window
               (plist-put (plist-get capabilities :window) :showMessage
                          (list :messageActionItem
                                (list :additionalPropertiesSupport :json-false))))))

(add-to-list 'eglot-server-programs
             `((python-mode python-ts-mode)
               . ,(lambda (&rest _) (cons 'paceline-server paceline-command))))

(unless (member '(:eval (paceline--mode-line)) mode-line-misc-info)
  (add-to-list 'mode-line-misc-info '(:eval (paceline--mode-line)) t))

(defun paceline--mode-line ()
  "Return what the mode line says of the runs."
  (if paceline--runs (format "[%s]" (if (string-empty-p paceline-status) "paceline" paceline-status)) ""))

;;; Runs

(defun paceline-optimize ()
  "Have faster versions of the function at point proven.
\\[paceline-cancel] ends the run.  When it ends by itself and point has
not moved, the choice is shown."
  (interactive)
  (let* ((server (paceline--server))
         (buffer (current-buffer))
         (place (cons (point) (buffer-chars-modified-tick)))
         (token (format "paceline-emacs-%d" (cl-incf paceline--count)))
         (run (list :server server :token token)))
    (push run paceline--runs)
    (paceline--ask
     server :paceline/optimize
     (append (paceline--here) (list :workDoneToken token))
     (lambda (answer)
       ;; One that was cancelled too late has nothing to say any more.
       (when (memq run paceline--runs)
         (paceline--end run)
         (paceline--say-end answer)
         (when (and (> (length (plist-get answer :suggestions)) 0)
                    (eq (window-buffer) buffer)
                    (with-current-buffer buffer
                      (equal place (cons (point) (buffer-chars-modified-tick)))))
           (with-current-buffer buffer (paceline-pick)))))
     (lambda () (paceline--end run)))))

(defun paceline-cancel ()
  "End the runs.  What was proven already stays among the code actions."
  (interactive)
  (unless paceline--runs (user-error "Paceline: nothing runs"))
  (dolist (run paceline--runs)
    (jsonrpc-notify (plist-get run :server) :window/workDoneProgress/cancel
                    (list :token (plist-get run :token)))
    (paceline--end run))
  (message "Paceline: cancelled.  What was proven already is among the code actions."))

(cl-defmethod eglot-handle-notification :before
  ((_server paceline-server) (_method (eql $/progress)) &key token value)
  "Follow the progress of our runs in the mode line."
  (when (cl-find token paceline--runs :key (lambda (run) (plist-get run :token)) :test #'equal)
    (setq paceline-status (or (plist-get value :message) (plist-get value :title) paceline-status))
    (force-mode-line-update t)))

(defun paceline--end (run)
  "Forget RUN, which has ended."
  (setq paceline--runs (remq run paceline--runs))
  (unless paceline--runs (setq paceline-status ""))
  (force-mode-line-update t))

(defun paceline--say-end (answer)
  "Say how a run ended, from its ANSWER."
  (let ((name (plist-get answer :function))
        (reason (plist-get answer :reason))
        (suggestions (plist-get answer :suggestions)))
    (cond
     ((> (length suggestions) 0)
      (message "%s can be %s; M-x paceline-pick shows it" name (plist-get (aref suggestions 0) :title)))
     ((equal (plist-get answer :status) "cannot-judge")
      (message "%s cannot be judged: %s" name reason))
     (t (message "No faster version of %s could be proven: %s" name reason)))))

;;; The choice

(defvar-local paceline--source nil "The buffer that a buffer of ours is about.")
(defvar-local paceline--tick nil "Of the source, when its choices were made.")
(defvar-local paceline--applied nil "The suggestion that was applied here last.")

(defvar paceline-pick-mode-map
  (let ((map (make-sparse-keymap)))
    (define-key map (kbd "n") #'paceline-pick-next)
    (define-key map (kbd "p") #'paceline-pick-previous)
    (define-key map (kbd "RET") #'paceline-pick-apply)
    (define-key map (kbd "e") #'paceline-pick-evidence)
    map)
  "Keys of the choice.")

(define-derived-mode paceline-pick-mode special-mode "Paceline"
  "Proven versions of a function, fastest first, each with the diff it makes.
\\{paceline-pick-mode-map}"
  (setq-local font-lock-defaults '(diff-font-lock-keywords t nil nil)))

(defun paceline-pick ()
  "Choose among the proven versions of the function at point, each with its diff."
  (interactive)
  (let ((source (current-buffer))
        (tick (buffer-chars-modified-tick)))
    (paceline--ask
     (paceline--server) :paceline/suggestions (paceline--here)
     (lambda (answer)
       (let ((functions (plist-get answer :functions)))
         (if (seq-empty-p functions)
             (message "Paceline: nothing is proven for the function at point; M-x paceline-optimize starts a run")
           (paceline--show-choice source tick (aref functions 0))))))))

(defun paceline--show-choice (source tick found)
  "Show what is FOUND for a function of SOURCE, whose TICK was this then."
  (with-current-buffer (get-buffer-create "*Paceline*")
    (let ((inhibit-read-only t))
      (erase-buffer)
      (paceline-pick-mode)
      (setq paceline--source source paceline--tick tick)
      (insert (format "%s: proven faster.  RET applies, e shows the evidence, n and p move, q closes.\n"
                      (plist-get found :function)))
      (seq-doseq (suggestion (plist-get found :suggestions))
        (let ((start (point))
              (diff (plist-get suggestion :diff)))
          (insert "\n" (propertize (plist-get suggestion :title) 'font-lock-face 'success) "\n")
          ;; From the first hunk on: the file is known.
          (insert (if (string-match "^@@" diff) (substring diff (match-beginning 0)) diff))
          (put-text-property start (point) 'paceline-suggestion suggestion)))
      (set-buffer-modified-p nil)
      (goto-char (point-min))
      (paceline-pick-next))
    (pop-to-buffer (current-buffer))))

(defun paceline-pick-next (&optional backwards)
  "Go to the next version, or BACKWARDS to the one before."
  (interactive)
  (let ((at (save-excursion
              (beginning-of-line)
              (if backwards
                  (re-search-backward "^[0-9.,]+x faster" nil t)
                (end-of-line)
                (re-search-forward "^[0-9.,]+x faster" nil t)))))
    (when at
      (goto-char at)
      (beginning-of-line))))

(defun paceline-pick-previous ()
  "Go to the version before."
  (interactive)
  (paceline-pick-next t))

(defun paceline-pick-apply ()
  "Apply the version at point, unless its buffer has changed since it was offered."
  (interactive)
  (let ((suggestion (paceline--suggestion-at-point))
        (tick paceline--tick)
        (source paceline--source))
    (quit-window)
    (with-current-buffer source
      (unless (equal tick (buffer-chars-modified-tick))
        (user-error "The buffer has changed meanwhile; M-x paceline-pick shows what still holds"))
      (eglot--apply-text-edits (paceline--edits (plist-get suggestion :edit)))
      (setq paceline--applied (plist-get suggestion :id)))
    (message "Applied: %s" (plist-get suggestion :title))))

(defun paceline-pick-evidence ()
  "Show the evidence of the version at point."
  (interactive)
  (let ((id (plist-get (paceline--suggestion-at-point) :id)))
    (with-current-buffer paceline--source
      (paceline--show-evidence-of id))))

(defun paceline--suggestion-at-point ()
  "Return the suggestion point is in."
  (or (get-text-property (point) 'paceline-suggestion)
      (user-error "No version here; n goes to the next")))

(defun paceline--edits (edit)
  "Return the text edits of the workspace EDIT, which is of one file."
  (let ((changes (plist-get edit :documentChanges)))
    (if changes
        (apply #'vconcat (mapcar (lambda (change) (plist-get change :edits)) changes))
      (cadr (plist-get edit :changes)))))

;;; The evidence

(defun paceline-evidence ()
  "Show what was compared and measured for the function at point.
Where nothing is proven for it, what was applied last."
  (interactive)
  (let ((source (current-buffer)))
    (paceline--ask
     (paceline--server) :paceline/suggestions (paceline--here)
     (lambda (answer)
       (with-current-buffer source
         (let* ((functions (plist-get answer :functions))
                (id (if (seq-empty-p functions)
                        paceline--applied
                      (plist-get (aref (plist-get (aref functions 0) :suggestions) 0) :id))))
           (if id
               (paceline--show-evidence-of id)
             (message "Paceline: nothing is proven for the function at point; M-x paceline-optimize starts a run"))))))))

(defun paceline--show-evidence-of (id)
  "Ask for the evidence of the suggestion ID of the current buffer, and show it."
  (paceline--ask
   (paceline--server) :paceline/evidence
   (list :textDocument (eglot--TextDocumentIdentifier) :id id)
   (lambda (evidence)
     (with-current-buffer (get-buffer-create "*Paceline evidence*")
       (let ((inhibit-read-only t))
         (erase-buffer)
         (special-mode)
         (setq-local font-lock-defaults '(diff-font-lock-keywords t nil nil))
         (paceline--insert-evidence evidence)
         (set-buffer-modified-p nil)
         (visual-line-mode)
         (goto-char (point-min)))
       (pop-to-buffer (current-buffer))))))

(defun paceline--insert-evidence (evidence)
  "Insert EVIDENCE as a person reads it."
  (let ((checks (plist-get evidence :checks))
        (timing (plist-get evidence :timing)))
    (insert (propertize (plist-get evidence :title) 'font-lock-face 'success) "\n\n")
    (insert (format "compared  no difference in %d inputs: %s\n" (plist-get checks :inputs)
                    (paceline--counts (plist-get checks :sources))))
    (when (> (plist-get checks :tests) 0)
      (insert (format "tests     %d of the project that reach the function pass\n" (plist-get checks :tests))))
    (when timing
      (insert (format "measured  %s, %g%% interval over %d launches%s\n" (paceline--gain timing)
                      (* 100 (plist-get timing :confidence)) (plist-get timing :launches)
                      (if (eq (plist-get timing :confirmed) t) ", confirmed on fresh inputs" "")))
      (insert (format "control   the original against itself (%.2f-%.2f)\n"
                      (plist-get timing :control_low) (plist-get timing :control_high))))
    (insert (format "by        %s: %s\nsandbox   %s\n" (plist-get evidence :member)
                    (mapconcat #'identity (plist-get evidence :recipes) " + ")
                    (plist-get evidence :isolation)))
    (when timing
      (insert (format "\n%9s %10s %10s  speedup\n" "elements" "before" "after"))
      (seq-doseq (size (plist-get timing :sizes))
        (insert (format "%9d %10s %10s  %s\n" (plist-get size :elements)
                        (paceline--seconds (plist-get size :original_s))
                        (paceline--seconds (plist-get size :candidate_s))
                        (paceline--gain size)))))
    (unless (seq-empty-p (plist-get evidence :lessons))
      (insert "\nlessons shown to the member\n")
      (seq-doseq (lesson (plist-get evidence :lessons))
        (insert (format "  %s\n" (plist-get lesson :text)))))
    (insert "\n" (plist-get evidence :diff))))

(defconst paceline--sources
  '((:recorded . "recorded") (:call-site . "from call sites") (:doctest . "from doctests")
    (:type-hints . "from type hints") (:probed . "probed") (:edge . "edge cases")
    (:fresh . "fresh to confirm"))
  "The judge's names of where inputs come from, in words.")

(defun paceline--counts (sources)
  "Return SOURCES, a plist of counts, in words."
  (mapconcat (lambda (pair)
               (format "%d %s" (cadr pair) (alist-get (car pair) paceline--sources (car pair))))
             (seq-partition sources 2) ", "))

(defun paceline--gain (timed)
  "Return the speedup of TIMED with its interval."
  (format "%sx (%s-%s)" (paceline--figure (plist-get timed :speedup))
          (paceline--figure (plist-get timed :low)) (paceline--figure (plist-get timed :high))))

(defun paceline--figure (ratio)
  "Return RATIO with two decimals only where they decide something."
  (cond ((not (numberp ratio)) "-")
        ((>= ratio 99.5) (format "%.0f" ratio))
        ((>= ratio 1.95) (format "%.1f" ratio))
        (t (format "%.2f" ratio))))

(defun paceline--seconds (seconds)
  "Return SECONDS with three figures and a unit."
  (pcase-let* ((`(,size . ,unit)
                (cl-find-if (lambda (one) (>= seconds (* 0.9995 (car one))))
                            '((1 . "s") (1e-3 . "ms") (1e-6 . "µs") (0 . "ns"))))
               (figure (/ seconds (if (equal unit "ns") 1e-9 size))))
    (format (cond ((>= figure 99.5) "%.0f %s") ((>= figure 9.95) "%.1f %s") (t "%.2f %s")) figure unit)))

;;; The lessons

(defvar paceline-lessons-mode-map
  (let ((map (make-sparse-keymap)))
    (define-key map (kbd "RET") #'paceline-lessons-show)
    (define-key map (kbd "o") #'paceline-lessons-open)
    (define-key map (kbd "p") #'paceline-lessons-pin)
    (define-key map (kbd "k") #'paceline-lessons-forget)
    map)
  "Keys of the lessons.")

(define-derived-mode paceline-lessons-mode tabulated-list-mode "Lessons"
  "What was learnt in this workspace.
\\{paceline-lessons-mode-map}"
  (setq tabulated-list-format [("" 1 t) ("category" 14 t) ("lesson" 44 t) ("outcome" 30 t) ("helped" 8 t)
                               ("learnt on" 20 t)]
        tabulated-list-sort-key '("category"))
  (tabulated-list-init-header))

(defun paceline-lessons ()
  "Show what was learnt in this workspace.
RET shows all of a lesson, o opens the function it was learnt on,
p pins it, k forgets it."
  (interactive)
  (let ((source (current-buffer)))
    (paceline--ask
     (paceline--server) :paceline/lessons nil
     (lambda (answer)
       (with-current-buffer (get-buffer-create "*Paceline lessons*")
         (paceline-lessons-mode)
         (setq paceline--source source
               tabulated-list-entries (mapcar #'paceline--lesson-row (plist-get answer :lessons)))
         (tabulated-list-print)
         (pop-to-buffer (current-buffer)))))))

(defun paceline--lesson-row (lesson)
  "Return LESSON as a row of the table."
  (let ((evidence (plist-get lesson :evidence))
        (credit (plist-get lesson :credit)))
    (list lesson
          (vector (if (eq (plist-get credit :pinned) t) "*" "")
                  (plist-get lesson :category)
                  (plist-get lesson :transformation)
                  (concat (plist-get evidence :outcome)
                          (if (numberp (plist-get evidence :speedup)) (concat " " (paceline--gain evidence)) ""))
                  (if credit (format "%d of %d" (plist-get credit :helped) (plist-get credit :shown)) "")
                  (or (plist-get (plist-get lesson :origin) :target) "")))))

(defun paceline-lessons-show ()
  "Show everything of the lesson at point."
  (interactive)
  (let ((lesson (or (tabulated-list-get-id) (user-error "No lesson here"))))
    (with-help-window "*Paceline lesson*"
      (princ (plist-get lesson :transformation))
      (princ "\n\n")
      (princ (plist-get lesson :text))
      (let ((origin (plist-get lesson :origin)))
        (princ (format "\n\nLearnt %s on %s in %s." (plist-get lesson :created) (plist-get origin :target)
                       (or (plist-get lesson :place) (plist-get origin :file))))))))

(defun paceline-lessons-open ()
  "Open the function that the lesson at point was learnt on."
  (interactive)
  (let* ((lesson (or (tabulated-list-get-id) (user-error "No lesson here")))
         (target (plist-get (plist-get lesson :origin) :target))
         (definition (format "^[ \t]*\\(?:async[ \t]+\\)?def[ \t]+%s\\_>"
                             (regexp-quote (car (last (split-string target "\\."))))))
         (file (or (paceline--defining definition (paceline--lesson-place lesson))
                   (paceline--defining definition (paceline--lesson-namesakes lesson))
                   (user-error "Paceline: %s is not there any more" target))))
    (find-file-other-window file)
    (widen)
    (goto-char (point-min))
    (re-search-forward definition)
    (back-to-indentation)))

(defun paceline--defining (definition files)
  "Return the first of FILES in which the regexp DEFINITION is found."
  (cl-find-if (lambda (file)
                (with-temp-buffer
                  (insert-file-contents file)
                  (re-search-forward definition nil t)))
              files))

(defun paceline--lesson-place (lesson)
  "Return the file that LESSON says it was learnt in, in a list, if it is there.
Lessons travel, and what a stranger's says is not a place outside of the
workspace."
  (let* ((root (file-name-as-directory (expand-file-name (plist-get lesson :root))))
         (place (plist-get lesson :place))
         (file (and place (expand-file-name place root))))
    (and file (string-prefix-p root file) (file-regular-p file) (list file))))

(defun paceline--lesson-namesakes (lesson)
  "Return the files of its workspace that have the name LESSON was learnt in."
  (let ((name (file-name-nondirectory (plist-get (plist-get lesson :origin) :file))))
    (unless (string= name "")
      (directory-files-recursively
       (plist-get lesson :root) (format "\\`%s\\'" (regexp-quote name)) nil
       (lambda (folder) (not (string-match-p "/\\(?:\\.[^/]*\\|node_modules\\)\\'" folder)))))))

(defun paceline-lessons-pin ()
  "Pin the lesson at point, or unpin it: members are shown pinned ones first."
  (interactive)
  (let* ((lesson (or (tabulated-list-get-id) (user-error "No lesson here")))
         (pinned (eq (plist-get (plist-get lesson :credit) :pinned) t)))
    (paceline--change-lesson :paceline/lessons/pin lesson :pinned (if pinned :json-false t))))

(defun paceline-lessons-forget ()
  "Forget the lesson at point."
  (interactive)
  (let ((lesson (or (tabulated-list-get-id) (user-error "No lesson here"))))
    (when (y-or-n-p (format "Forget \"%s\"? " (plist-get lesson :transformation)))
      (paceline--change-lesson :paceline/lessons/forget lesson))))

(defun paceline--change-lesson (method lesson &rest more)
  "Send METHOD about LESSON with MORE parameters, then show the lessons anew."
  (let ((source paceline--source))
    (with-current-buffer source
      (paceline--ask
       (paceline--server) method
       (append (list :root (plist-get lesson :root) :id (plist-get lesson :id)) more)
       (lambda (_) (with-current-buffer source (paceline-lessons)))))))

;;; The server

(defun paceline--server ()
  "Return the server of the current buffer, or say how to start it."
  (or (eglot-current-server) (user-error "No language server here; M-x eglot starts one")))

(defun paceline--here ()
  "Return point as parameters of a request."
  (list :textDocument (eglot--TextDocumentIdentifier) :position (eglot--pos-to-lsp-position)))

(defun paceline--ask (server method params take &optional fail)
  "Send SERVER a request of METHOD with PARAMS; TAKE gets the answer.
What goes wrong is said, and FAIL is called where it is given."
  ;; What was typed a moment ago has to reach the server first: positions are of the text it knows.
  (eglot--signal-textDocument/didChange)
  (jsonrpc-async-request
   server method (or params (make-hash-table))
   :success-fn take
   :error-fn (lambda (problem)
               (when fail (funcall fail))
               (pcase (plist-get problem :code)
                 (-32800 nil) ; We cancelled it ourselves.
                 (-1 (message "Paceline: the server died; what was learnt until then is kept"))
                 (_ (message "Paceline: %s" (plist-get problem :message)))))
   ;; A run takes as long as its budget says.
   :timeout nil))

(provide 'paceline)
;;; paceline.el ends here

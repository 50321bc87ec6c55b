;;; foretype-accept.el --- Take ghost text, or part of it, or another -*- lexical-binding: t; -*-

;; SPDX-License-Identifier: Apache-2.0

;;; Commentary:

;; What the keys do while ghost text is shown.

;;; Code:

(require 'cl-lib)
(require 'subr-x)
(require 'foretype-ghost)

(defvar foretype-ghost-map
  (let ((map (make-sparse-keymap)))
    (define-key map (kbd "TAB") #'foretype-accept)
    (define-key map (kbd "<tab>") #'foretype-accept)
    (define-key map (kbd "M-f") #'foretype-accept-word)
    (define-key map (kbd "M-e") #'foretype-accept-line)
    (define-key map (kbd "C-g") #'foretype-dismiss)
    (define-key map (kbd "M-n") #'foretype-next-suggestion)
    (define-key map (kbd "M-p") #'foretype-previous-suggestion)
    map)
  "Keys that work while ghost text is shown.")

(defvar foretype--ghost-maps `((foretype--shown . ,foretype-ghost-map))
  "For `emulation-mode-map-alists'.")

(add-to-list 'emulation-mode-map-alists 'foretype--ghost-maps)

(defun foretype-accept ()
  "Accept all of the ghost text."
  (interactive)
  (foretype--accept ".*\\(?:\n.*\\)*"))

(defun foretype-accept-word ()
  "Accept the next word of the ghost text."
  (interactive)
  (foretype--accept "[[:space:]\n]*\\(?:[[:alnum:]_]+\\|.\\)"))

(defun foretype-accept-line ()
  "Accept the next line of the ghost text."
  (interactive)
  (foretype--accept "\n?.*"))

(defun foretype--accept (part)
  "Accept what the regular expression PART matches of the ghost text."
  (let ((rest (foretype-ghost-text))
        (suggestion foretype--shown))
    (when rest
      (undo-boundary)
      (let* ((end (and (string-match (concat "\\`\\(?:" part "\\)") rest) (match-end 0)))
             (is-whole (or (not end) (= end (length rest)))))
        (if (not is-whole)
            (foretype--insert (substring rest 0 end))
          (delete-region (point) (foretype-suggestion-end suggestion))
          (foretype--insert rest)
          (foretype--accepted suggestion)))
      (undo-boundary))))

(defun foretype--insert (text)
  "Insert TEXT at the cursor, taking its end along with it."
  (insert text)
  (when foretype--shown
    (foretype--draw)))

(defun foretype--accepted (suggestion)
  "Tell the server that SUGGESTION was taken, and ask for the next one."
  (foretype--hide)
  (foretype--flush)
  (when-let ((command (foretype-suggestion-command suggestion)))
    (foretype--request :workspace/executeCommand
                       (list :command (plist-get command :command)
                             :arguments (or (plist-get command :arguments) []))
                       #'ignore #'ignore))
  (foretype--ask-soon))

(defun foretype-dismiss ()
  "Hide the ghost text; the next edit asks again."
  (interactive)
  (foretype--give-up)
  (foretype--hide)
  (when (use-region-p)
    (keyboard-quit)))

(defun foretype-next-suggestion (&optional count)
  "Show the next suggestion, or the one that comes COUNT later.
The first time at a place, the server is asked for several; where
nothing is shown, it is asked all the same."
  (interactive "p")
  (let ((count (or count 1)))
    (unless foretype--is-ready
      (user-error "Foretype: the server is not ready"))
    (if (and foretype--shown foretype--is-explicit)
        (foretype--rotate count)
      (foretype--ask 1 (if (> count 0)
                           #'car
                         (lambda (all) (car (last all))))))))

(defun foretype-previous-suggestion (&optional count)
  "Show the previous suggestion, or the one COUNT before."
  (interactive "p")
  (foretype-next-suggestion (- (or count 1))))

(defun foretype--rotate (count)
  "Show the suggestion that comes COUNT after the shown one."
  (let ((fitting (cl-remove-if-not #'foretype--rest foretype--others)))
    (setq foretype--shown
          (nth (mod (+ (cl-position foretype--shown fitting) count) (length fitting)) fitting))
    (foretype--draw)))

(dolist (command '(foretype-accept foretype-accept-word foretype-accept-line))
  (put command 'delete-selection nil))

(provide 'foretype-accept)
;;; foretype-accept.el ends here

;;; foretype-ghost.el --- Ghost text at the cursor -*- lexical-binding: t; -*-

;; SPDX-License-Identifier: Apache-2.0

;;; Commentary:

;; A suggestion is a text and the stretch of the buffer that it replaces.  As long as what
;; stands between the start of that stretch and the cursor begins the text, the rest of it is
;; drawn behind the cursor: so typing along, deleting again and accepting a part are one rule.

;;; Code:

(require 'cl-lib)
(require 'subr-x)
(require 'foretype-connection)
(require 'foretype-documents)

(defcustom foretype-delay 0.075
  "The pause in typing, in seconds, after which a suggestion is asked for."
  :type 'number
  :group 'foretype)

(defface foretype-ghost '((t :inherit shadow))
  "Face of ghost text."
  :group 'foretype)

(cl-defstruct foretype-suggestion
  "What the server offers: TEXT for START to END, and the COMMAND that tells it was taken."
  text start end behind command)

(defvar-local foretype--shown nil "The suggestion that is shown, if any.")
(defvar-local foretype--others nil "All suggestions for this place, the shown one among them.")
(defvar-local foretype--is-explicit nil "Whether they were asked for by the user.")
(defvar-local foretype--overlay nil "What draws the ghost text.")
(defvar-local foretype--asked nil "The number of the request that runs.")
(defvar-local foretype--seen-tick nil "The state of the text that was looked at last.")
(defvar-local foretype--is-wanted nil "Whether the user has typed since the last request.")
(defvar foretype--ask-timer nil "Asks for a suggestion.")

;;; Drawing

(defun foretype-ghost-text ()
  "The ghost text that is shown, or nil."
  (and foretype--shown (foretype--rest foretype--shown)))

(defun foretype--rest (suggestion)
  "What is left of SUGGESTION at the cursor; nil when it does not fit any more."
  (let* ((start (marker-position (foretype-suggestion-start suggestion)))
         (end (marker-position (foretype-suggestion-end suggestion)))
         (text (foretype-suggestion-text suggestion)))
    (when (and start end
               (<= start (point))
               (= (- end (point)) (foretype-suggestion-behind suggestion)))
      (let ((typed (buffer-substring-no-properties start (point))))
        (and (string-prefix-p typed text)
             (< (length typed) (length text))
             (substring text (length typed)))))))

(defun foretype--draw ()
  "Draw what is left of the shown suggestion, or hide it; tell whether it is shown."
  (let ((rest (foretype-ghost-text)))
    (if (not rest)
        (foretype--hide)
      (unless foretype--overlay
        (setq foretype--overlay (make-overlay (point) (point) nil t t))
        (overlay-put foretype--overlay 'foretype t)
        (overlay-put foretype--overlay 'window (selected-window)))
      (let ((end (foretype-suggestion-end foretype--shown))
            (ghost (propertize rest 'face 'foretype-ghost)))
        (move-overlay foretype--overlay (point) end)
        (if (> end (point))             ; what is replaced is hidden behind it
            (foretype--set-overlay ghost nil)
          (foretype--set-overlay nil (foretype--with-cursor ghost))))
      t)))

(defun foretype--set-overlay (display after)
  "Show DISPLAY in place of the overlay's text, or AFTER behind it."
  (overlay-put foretype--overlay 'display display)
  (overlay-put foretype--overlay 'after-string after))

(defun foretype--with-cursor (ghost)
  "Have the cursor drawn before GHOST, not behind it."
  (if (eq (aref ghost 0) ?\n)           ; where the property has no effect
      (concat (propertize " " 'cursor t) ghost)
    (put-text-property 0 1 'cursor t ghost)
    ghost))

(defun foretype--hide ()
  "Hide the ghost text."
  (when foretype--overlay
    (delete-overlay foretype--overlay))
  (dolist (suggestion foretype--others)
    (set-marker (foretype-suggestion-start suggestion) nil)
    (set-marker (foretype-suggestion-end suggestion) nil))
  (setq foretype--overlay nil
        foretype--shown nil
        foretype--others nil
        foretype--is-explicit nil))

;;; Asking

(defun foretype--after-command ()
  "Keep the ghost text in step with what the user did."
  (let ((is-edited (not (eql foretype--seen-tick (buffer-chars-modified-tick)))))
    (setq foretype--seen-tick (buffer-chars-modified-tick))
    (when (and foretype--shown (not (foretype--is-here)))
      (foretype--hide))
    (unless (and foretype--shown (foretype--draw))
      (when is-edited
        (foretype--ask-soon)))))

(defun foretype--ask-soon ()
  "Give up the request that runs, and ask after a pause."
  (setq foretype--is-wanted t)
  (foretype--give-up)
  (let ((buffer (current-buffer)))
    (setq foretype--ask-timer
          (run-with-timer foretype-delay nil #'foretype--ask-in buffer))))

(defun foretype--give-up ()
  "Cancel the request that runs or is about to be made."
  (when foretype--ask-timer
    (cancel-timer foretype--ask-timer)
    (setq foretype--ask-timer nil))
  (when foretype--asked
    (foretype--flush)                   ; the server may keep a stream that agrees with the edit
    (foretype--cancel foretype--asked)
    (setq foretype--asked nil)))

(defun foretype--ask-in (buffer)
  "Ask for a suggestion in BUFFER, if the user is still there."
  (when (buffer-live-p buffer)
    (with-current-buffer buffer
      (when (foretype--is-here)
        (foretype--ask 2 #'car)))))

(defun foretype--is-here ()
  "Tell whether ghost text may be shown in this buffer now."
  (and (eq (current-buffer) (window-buffer (selected-window)))
       (not buffer-read-only)
       (not (use-region-p))
       (not (foretype--is-menu-open))
       (foretype--is-typing)))

(defun foretype--is-typing ()
  "Tell whether somebody types here: at one place, and not a keyboard macro."
  (not (or defining-kbd-macro executing-kbd-macro
           (bound-and-true-p multiple-cursors-mode)
           (and (bound-and-true-p evil-local-mode)
                (not (memq (bound-and-true-p evil-state) '(insert emacs)))))))

(defun foretype--is-menu-open ()
  "Tell whether a completion menu has the keys."
  (or (bound-and-true-p completion-in-region-mode)
      (bound-and-true-p company-candidates)))

(defun foretype--ask (kind choose)
  "Ask for suggestions; CHOOSE picks one of the list.
KIND is LSP's trigger kind."
  (foretype--give-up)
  (foretype--open)
  (foretype--flush)
  (let ((tick (buffer-chars-modified-tick))
        (place (point)))
    (setq foretype--is-wanted (not foretype--is-ready)
          foretype--asked
          (foretype--request
           :textDocument/inlineCompletion
           (append (foretype--identify)
                   (list :position (foretype--position)
                         :context (list :triggerKind kind)))
           (lambda (result)
             (setq foretype--asked nil)
             (when (and (= tick (buffer-chars-modified-tick)) (= place (point))
                        (foretype--is-here))
               (foretype--take result (= kind 1) choose)))
           (lambda (_) (setq foretype--asked nil))))))

(defun foretype--take (result is-explicit choose)
  "Show one of the suggestions in RESULT, as CHOOSE picks it.
IS-EXPLICIT tells whether the user asked for them."
  (let ((shown (foretype-ghost-text))
        (items (if (listp result) (plist-get result :items) result)))
    (unless (and is-explicit (seq-empty-p items))
      (foretype--hide)
      (setq foretype--others
            (cl-remove-if-not #'foretype--rest (mapcar #'foretype--suggestion items))
            foretype--is-explicit is-explicit)
      (when is-explicit                 ; do not offer again what was there
        (setq foretype--others
              (append (cl-remove shown foretype--others :key #'foretype--rest :test #'equal)
                      (cl-remove shown foretype--others :key #'foretype--rest
                                 :test-not #'equal))))
      (setq foretype--shown (funcall choose foretype--others))
      (when foretype--shown
        (foretype--draw)))))

(defun foretype--suggestion (item)
  "Read ITEM, an InlineCompletionItem."
  (let* ((range (plist-get item :range))
         (start (foretype--point (plist-get range :start)))
         (end (foretype--point (plist-get range :end))))
    (make-foretype-suggestion
     :text (replace-regexp-in-string "\r\n?" "\n" (plist-get item :insertText))
     :start (copy-marker start)
     :end (copy-marker end t)
     :behind (- end (point))
     :command (plist-get item :command))))

(defun foretype--leave (&optional window)
  "Give up the ghost text because this buffer, or its WINDOW, is left."
  (unless (eq window (selected-window))
    (with-current-buffer (if window (window-buffer window) (current-buffer))
      (foretype--give-up)
      (foretype--hide))))

(defun foretype--cloned ()
  "Have an indirect buffer that was made of one of ours be none of ours."
  (when foretype--uri
    (foretype--forget-buffer)
    (remove-overlays (point-min) (point-max) 'foretype t)
    (kill-local-variable 'foretype--overlay)
    (kill-local-variable 'foretype--shown)
    (kill-local-variable 'foretype--others)
    (kill-local-variable 'foretype--asked)))

(defun foretype--ask-at-last ()
  "Ask for what was typed while there was no server."
  (with-current-buffer (window-buffer (selected-window))
    (when foretype--is-wanted
      (foretype--ask-soon))))

(defun foretype--hide-all ()
  "Hide all ghost text, because the server has gone."
  (dolist (buffer foretype--documents)
    (when (buffer-live-p buffer)
      (with-current-buffer buffer
        (setq foretype--asked nil)
        (foretype--hide)))))

(add-hook 'foretype-ready-hook #'foretype--ask-at-last t)
(add-hook 'foretype-down-hook #'foretype--hide-all)

(provide 'foretype-ghost)
;;; foretype-ghost.el ends here

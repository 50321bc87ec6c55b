;;; foretype-edit.el --- Have the region rewritten -*- lexical-binding: t; -*-

;; SPDX-License-Identifier: Apache-2.0

;;; Commentary:

;; An instruction and a region go to the server; what comes back is shown as a difference and
;; becomes the buffer's text when the user says so.

;;; Code:

(require 'cl-lib)
(require 'diff-mode)
(require 'subr-x)
(require 'foretype-documents)
(require 'foretype-stream)

(defconst foretype--edit-name "*foretype edit*" "The name of the preview.")

(defvar-local foretype--edit-stream nil "The edit that is being written.")
(defvar-local foretype--edits nil "The edits: lists of start, end, old and new text.")
(defvar foretype--edit-history nil "Instructions of the past.")

(defvar foretype-edit-mode-map
  (let ((map (make-sparse-keymap)))
    (define-key map (kbd "C-c C-c") #'foretype-edit-accept)
    (define-key map (kbd "C-c C-k") #'foretype-edit-reject)
    map)
  "Keys of the preview.")

(define-derived-mode foretype-edit-mode diff-mode "Edit"
  "What an edit would change."
  (setq header-line-format '(:eval (foretype--edit-header))
        buffer-read-only t))

(defun foretype--edit-header ()
  "What the keys do now."
  (substitute-command-keys
   (concat "\\<foretype-edit-mode-map>"
           (if foretype--edits
               "\\[foretype-edit-accept] accepts, \\[foretype-edit-reject] rejects"
             "The model is writing; \\[foretype-edit-reject] cancels"))))

;;;###autoload
(defun foretype-edit (start end instruction)
  "Have the text from START to END rewritten by INSTRUCTION.
What would change is shown first.  Without a region, it is the line at point."
  (interactive
   (progn
     (barf-if-buffer-read-only)
     (append (if (use-region-p)
                 (list (region-beginning) (region-end))
               (list (line-beginning-position) (line-end-position)))
             (list (read-string "Edit: " nil 'foretype--edit-history)))))
  (foretype--when-ready
   (lambda ()
     (foretype--open)
     (foretype--flush)
     (let* ((source (current-buffer))
            (tick (buffer-chars-modified-tick))
            (params (append (list :uri foretype--uri
                                  :range (foretype--range start end)
                                  :instruction instruction
                                  :apply :json-false))))
       (deactivate-mark)
       (foretype--edit-ask source tick params)))))

(defun foretype--edit-ask (source tick params)
  "Send PARAMS for the buffer SOURCE, whose text is at TICK, and show what comes."
  (with-current-buffer (foretype--new-preview)
    (setq foretype--edit-stream
          (foretype--stream :foretype/edit params
                            (lambda (type content)
                              (when (equal type "delta")
                                (foretype--preview-more content)))
                            (lambda (result) (foretype--edit-done source tick result))
                            #'foretype--edit-failed))
    (display-buffer (current-buffer))))

(defun foretype--new-preview ()
  "Give the preview's buffer, empty; what was being written is cancelled."
  (with-current-buffer (get-buffer-create foretype--edit-name)
    (when foretype--edit-stream
      (foretype--cancel-stream foretype--edit-stream))
    (foretype-edit-mode)
    (foretype--preview "")
    (current-buffer)))

(defun foretype--edit-done (source tick result)
  "Show what RESULT would change in SOURCE, unless its text has gone on from TICK."
  (setq foretype--edit-stream nil)
  (cond ((not (buffer-live-p source))
         (foretype--edit-failed '(:message "The buffer is gone.")))
        ((/= tick (buffer-chars-modified-tick source))
         (foretype--edit-failed
          '(:message "The buffer was changed while the model wrote; ask again.")))
        (t
         (let ((edits (foretype--edits-of source (plist-get result :edit))))
           (if (not edits)
               (foretype--edit-failed '(:message "The model would change nothing."))
             (setq foretype--edits edits)
             (foretype--preview (foretype--difference source edits))
             (force-mode-line-update))))))

(defun foretype--edit-failed (error)
  "End an edit with the message of ERROR."
  (setq foretype--edit-stream nil)
  (foretype--complain error)
  (foretype--quit-preview))

(defun foretype-edit-accept ()
  "Make the edit that is shown."
  (interactive)
  (unless foretype--edits
    (user-error "The model is still writing"))
  (let ((edits foretype--edits))
    (dolist (edit edits)
      (unless (foretype--is-as-it-was edit)
        (user-error "The text was changed meanwhile; ask again")))
    (with-current-buffer (marker-buffer (caar edits))
      (barf-if-buffer-read-only)
      (undo-boundary)
      (atomic-change-group
        (dolist (edit (reverse edits))
          (foretype--replace edit)))
      (undo-boundary)))
  (foretype--quit-preview))

(defun foretype-edit-reject ()
  "Leave the text as it is."
  (interactive)
  (when foretype--edit-stream
    (foretype--cancel-stream foretype--edit-stream)
    (setq foretype--edit-stream nil))
  (foretype--quit-preview))

;;; Edits

(defun foretype--edits-of (source edit)
  "The edits that the WorkspaceEdit EDIT makes in SOURCE, in their order."
  (with-current-buffer source
    (let* ((uri foretype--uri)
           (changes (plist-get edit :changes))
           (found (cl-loop for (key value) on changes by #'cddr
                           when (equal (substring (symbol-name key) 1) uri)
                           append (append value nil))))
      (dolist (change (append (plist-get edit :documentChanges) nil))
        (when (equal (plist-get (plist-get change :textDocument) :uri) uri)
          (setq found (append found (plist-get change :edits) nil))))
      (sort (cl-remove-if (lambda (each) (equal (nth 2 each) (nth 3 each)))
                          (mapcar #'foretype--edit-of found))
            (lambda (one other) (< (car one) (car other)))))))

(defun foretype--edit-of (text-edit)
  "Read TEXT-EDIT, an LSP TextEdit of this buffer."
  (let* ((range (plist-get text-edit :range))
         (start (foretype--point (plist-get range :start)))
         (end (foretype--point (plist-get range :end))))
    (list (copy-marker start) (copy-marker end t)
          (buffer-substring-no-properties start end)
          (replace-regexp-in-string "\r\n?" "\n" (plist-get text-edit :newText)))))

(defun foretype--is-as-it-was (edit)
  "Tell whether what EDIT replaces is still there."
  (pcase-let ((`(,start ,end ,old ,_) edit))
    (and (buffer-live-p (marker-buffer start))
         (with-current-buffer (marker-buffer start)
           (equal old (buffer-substring-no-properties start end))))))

(defun foretype--replace (edit)
  "Make EDIT in this buffer."
  (pcase-let ((`(,start ,end ,_ ,new) edit))
    (save-excursion
      (goto-char start)
      (delete-region start end)
      (insert new))))

;;; Preview

(defun foretype--preview (text)
  "Show TEXT, and nothing else."
  (let ((inhibit-read-only t))
    (erase-buffer)
    (insert text)
    (goto-char (point-min))))

(defun foretype--preview-more (text)
  "Show TEXT behind what is there."
  (let ((inhibit-read-only t))
    (save-excursion
      (goto-char (point-max))
      (insert text))))

(defun foretype--quit-preview ()
  "Take the preview away."
  (setq foretype--edits nil)
  (let ((window (get-buffer-window nil t))
        (buffer (current-buffer)))
    (if window
        (quit-window t window)
      (kill-buffer buffer))))

(defun foretype--difference (source edits)
  "What EDITS change in SOURCE, as a unified diff of one piece."
  (with-current-buffer source
    (let* ((start (foretype--line-start (caar edits) -3))
           (end (foretype--line-start (apply #'max (mapcar #'cadr edits)) 4))
           (first (line-number-at-pos start t))
           (old (buffer-substring-no-properties start end))
           (new (with-temp-buffer
                  (insert old)
                  (pcase-dolist (`(,from ,to ,_ ,text) (reverse edits))
                    (goto-char (1+ (- from start)))
                    (delete-region (point) (1+ (- to start)))
                    (insert text))
                  (buffer-string)))
           (name (buffer-name)))
      (format "--- %s\n+++ %s\n%s" name name
              (foretype--hunk first (foretype--lines old) (foretype--lines new))))))

(defun foretype--line-start (place count)
  "Where the line starts that is COUNT lines after that of PLACE."
  (save-excursion
    (goto-char place)
    (forward-line count)
    (point)))

(defun foretype--lines (text)
  "The lines of TEXT."
  (split-string (string-remove-suffix "\n" text) "\n"))

(defun foretype--hunk (first old new)
  "The lines OLD, from line number FIRST on, and NEW, as a hunk of a diff."
  (let* ((above (foretype--common old new))
         (below (foretype--common (reverse (nthcdr above old)) (reverse (nthcdr above new)))))
    (cl-flet ((marked (mark lines) (mapconcat (lambda (line) (concat mark line "\n")) lines "")))
      (format "@@ -%d,%d +%d,%d @@\n%s%s%s%s"
              first (length old) first (length new)
              (marked " " (seq-take old above))
              (marked "-" (seq-subseq old above (- (length old) below)))
              (marked "+" (seq-subseq new above (- (length new) below)))
              (marked " " (seq-subseq old (- (length old) below)))))))

(defun foretype--common (one other)
  "With how many equal items the lists ONE and OTHER begin."
  (or (cl-mismatch one other :test #'equal) (length one)))

(provide 'foretype-edit)
;;; foretype-edit.el ends here

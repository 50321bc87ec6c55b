;;; foretype-markdown.el --- Markdown that is drawn while it comes -*- lexical-binding: t; -*-

;; SPDX-License-Identifier: Apache-2.0

;;; Commentary:

;; Lines get their faces once they are complete, so that a long answer costs no more per line
;; than a short one.  Code blocks are coloured by the mode of their language.

;;; Code:

(require 'cl-lib)

(defface foretype-code-block '((t :inherit (fixed-pitch secondary-selection) :extend t))
  "Face of code blocks in answers."
  :group 'foretype)

(defconst foretype--fence "^\\([ \t]*\\)\\(```+\\|~~~+\\)[ \t]*\\([^ \t\n`]*\\).*$"
  "What opens or closes a code block: its indentation, the fence, the language.")

(defconst foretype--inline-faces
  '(("^#+ .*$" . (:inherit font-lock-function-name-face :weight bold))
    ("`[^`\n]+`" . font-lock-constant-face)
    ("\\*\\*[^*\n]+\\*\\*" . bold)
    ("^[ \t]*\\(?:[-*+]\\|[0-9]+\\.\\) " . font-lock-keyword-face))
  "Faces of what stands outside of code blocks.")

(defvar-local foretype--drawn nil "Up to where lines have their faces.")
(defvar-local foretype--block nil "The open code block: a list of indentation, fence, language.")

(defun foretype--draw-from (place)
  "Begin with Markdown at PLACE."
  (setq foretype--drawn (copy-marker place)
        foretype--block nil))

(defun foretype--draw-markdown (&optional is-over)
  "Give the new lines at the end of the buffer their faces.
The last one, if it is not complete, gets them if IS-OVER."
  (save-excursion
    (goto-char foretype--drawn)
    (let ((inhibit-read-only t))
      (while (or (save-excursion (search-forward "\n" nil t))
                 (and is-over (not (eobp))))
        (foretype--draw-line (line-end-position))
        (forward-line)
        (set-marker foretype--drawn (point))))))

(defun foretype--draw-line (end)
  "Give the line from point to END its faces."
  (let ((start (point)))
    (cond ((and (looking-at foretype--fence) (foretype--toggle-block))
           (put-text-property start end 'face 'shadow))
          (foretype--block
           (put-text-property start (min (1+ end) (point-max)) 'foretype-code foretype--block)
           (put-text-property start (min (1+ end) (point-max)) 'face 'foretype-code-block))
          (t (foretype--draw-inline start end)))))

(defun foretype--draw-inline (start end)
  "Give the text from START to END the faces of its marks."
  (dolist (rule foretype--inline-faces)
    (save-excursion
      (goto-char start)
      (while (re-search-forward (car rule) end t)
        (add-face-text-property (match-beginning 0) (match-end 0) (cdr rule))))))

(defun foretype--toggle-block ()
  "Open or close a code block at the fence that was matched.
Tell whether it is one."
  (let ((indentation (length (match-string 1)))
        (fence (match-string 2))
        (language (match-string 3)))
    (cond ((not foretype--block)
           (setq foretype--block (list indentation fence language)))
          ((and (string-prefix-p (nth 1 foretype--block) fence) (equal language ""))
           (foretype--colour-block)
           (setq foretype--block nil)
           t))))

;;; Code blocks

(defun foretype--colour-block ()
  "Colour the code block that ends before point, as the mode of its language does."
  (let* ((bounds (foretype--block-bounds (1- (point))))
         (mode (foretype--mode-of (nth 2 foretype--block))))
    (when (and bounds mode)
      (let ((text (buffer-substring-no-properties (car bounds) (cdr bounds)))
            (target (current-buffer)))
        (with-temp-buffer
          (insert text)
          (ignore-errors
            (delay-mode-hooks (funcall mode))
            (font-lock-ensure))
          (foretype--copy-faces target (car bounds)))))))

(defun foretype--copy-faces (target offset)
  "Lay the faces of this buffer over those of the buffer TARGET from OFFSET on."
  (let ((place (point-min)))
    (while (< place (point-max))
      (let ((next (next-single-property-change place 'face nil (point-max)))
            (face (get-text-property place 'face)))
        (when face
          (let ((from (+ offset (1- place)))
                (to (+ offset (1- next))))
            (with-current-buffer target
              (add-face-text-property from to face))))
        (setq place next)))))

(defun foretype--mode-of (language)
  "The major mode for LANGUAGE, as a model calls it: only one that is for files."
  (unless (equal language "")
    (let* ((named (intern-soft (concat (downcase language) "-mode")))
           (mode (if (rassq named auto-mode-alist)
                     named
                   (assoc-default (concat "a." language) auto-mode-alist #'string-match-p))))
      (and mode (symbolp mode) (fboundp mode)
           (not (memq mode '(archive-mode tar-mode image-mode doc-view-mode-maybe)))
           mode))))

(defun foretype--block-bounds (place)
  "Where the code block around PLACE starts and ends, or nil."
  (let ((block (and (>= place (point-min)) (get-text-property place 'foretype-code))))
    (when block
      (cons (if (and (> place (point-min))
                     (eq block (get-text-property (1- place) 'foretype-code)))
                (previous-single-property-change place 'foretype-code nil (point-min))
              place)
            (next-single-property-change place 'foretype-code nil (point-max))))))

(defun foretype--code-near (place)
  "The code of the block at PLACE, or the last one before it, or the first."
  (let* ((at (cond ((get-text-property place 'foretype-code) place)
                   ((text-property-not-all (point-min) place 'foretype-code nil)
                    (1- (foretype--end-of-code-before place)))
                   (t (text-property-not-all place (point-max) 'foretype-code nil))))
         (bounds (and at (foretype--block-bounds at))))
    (when bounds
      (replace-regexp-in-string
       (format "^[ \t]\\{1,%d\\}" (max 1 (car (get-text-property at 'foretype-code))))
       (if (zerop (car (get-text-property at 'foretype-code))) "\\&" "")
       (buffer-substring-no-properties (car bounds) (cdr bounds))))))

(defun foretype--end-of-code-before (place)
  "Where the last code block before PLACE ends."
  (let ((end (previous-single-property-change place 'foretype-code nil (point-min))))
    (while (not (get-text-property (1- end) 'foretype-code))
      (setq end (previous-single-property-change end 'foretype-code nil (point-min))))
    end))

(provide 'foretype-markdown)
;;; foretype-markdown.el ends here

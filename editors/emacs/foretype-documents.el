;;; foretype-documents.el --- The server's text equals the buffers' -*- lexical-binding: t; -*-

;; SPDX-License-Identifier: Apache-2.0

;;; Commentary:

;; Buffers are opened at the server when somebody needs them there; from then on every edit
;; is noted as it happens and sent before the next request, or when Emacs has been idle.  Not
;; every edit is announced (another function of `after-change-functions' may make one, or a
;; buffer that shares the text): when one was missed, the whole text is sent.

;;; Code:

(require 'cl-lib)
(require 'url-util)
(require 'foretype-connection)

(defconst foretype--language-ids
  '((c++ . "cpp") (js . "javascript") (js2 . "javascript") (js-json . "json")
    (js-jsx . "javascriptreact") (rjsx . "javascriptreact") (tsx . "typescriptreact")
    (sh . "shellscript") (bash . "shellscript") (objc . "objective-c") (cperl . "perl")
    (enh-ruby . "ruby") (latex . "latex") (LaTeX . "latex") (ess-r . "r") (mhtml . "html")
    (nxml . "xml") (text . "plaintext") (fundamental . "plaintext") (gfm . "markdown")
    (lisp . "lisp") (lisp-interaction . "emacs-lisp") (conf-toml . "toml")
    (makefile-gmake . "makefile") (makefile-bsdmake . "makefile") (git-commit . "git-commit"))
  "Language ids that are not the major mode's name.")

(defconst foretype--most-changes 200
  "With more edits than these, the whole text is sent.")

(defconst foretype--flush-after-s 0.2
  "Edits that no request has taken along are sent after such a pause.")

(defvar-local foretype--uri nil "The URI under which this buffer is open at the server.")
(defvar-local foretype--version 0 "The version of the text that the server has.")
(defvar-local foretype--changes nil
  "Edits that the server does not know, newest first; t stands for the whole text.")
(defvar-local foretype--change-begun nil
  "The edit about to happen: start, end, both as LSP positions, the size.")
(defvar-local foretype--known-tick nil
  "The state of the text that the server has once `foretype--changes' are sent.")
(defvar foretype--documents nil "The buffers that are to be open at the server.")
(defvar foretype--flush-timer nil "Sends the edits.")

(defconst foretype--buffer-hooks
  '((before-change-functions . foretype--before-change)
    (after-change-functions . foretype--after-change)
    (kill-buffer-hook . foretype--close)
    (change-major-mode-hook . foretype--close)
    (after-save-hook . foretype--saved)
    (after-revert-hook . foretype--change-all)
    (after-set-visited-file-name-hook . foretype--renamed))
  "What keeps a buffer and the server in step.")

;;; Opening and closing

(defun foretype--open ()
  "Have this buffer open at the server from now on."
  (unless (memq (current-buffer) foretype--documents)
    (push (current-buffer) foretype--documents)
    (dolist (hook foretype--buffer-hooks)
      (add-hook (car hook) (cdr hook) nil t)))
  (when (and foretype--is-ready (not foretype--uri))
    (setq foretype--uri (foretype--buffer-uri)
          foretype--version 1
          foretype--changes nil
          foretype--known-tick (buffer-chars-modified-tick))
    (foretype--notify :textDocument/didOpen
                      (list :textDocument
                            (list :uri foretype--uri
                                  :languageId (foretype--language-id)
                                  :version foretype--version
                                  :text (foretype--text))))))

(defun foretype--close ()
  "Close this buffer at the server."
  (when foretype--uri
    (foretype--notify :textDocument/didClose (foretype--identify)))
  (foretype--forget-buffer))

(defun foretype--forget-buffer ()
  "Keep this buffer and the server in step no longer."
  (setq foretype--uri nil
        foretype--documents (delq (current-buffer) foretype--documents))
  (dolist (hook foretype--buffer-hooks)
    (remove-hook (car hook) (cdr hook) t)))

(defun foretype--renamed ()
  "Open this buffer under its new name."
  (foretype--close)
  (foretype--open))

(defun foretype--saved ()
  "Tell the server that this buffer has been saved."
  (foretype--flush)
  (when foretype--uri
    (foretype--notify :textDocument/didSave (foretype--identify))))

(defun foretype--open-all ()
  "Open all buffers at a server that has just started."
  (dolist (buffer foretype--documents)
    (when (buffer-live-p buffer)
      (with-current-buffer buffer
        (foretype--open)))))

(defun foretype--forget-all ()
  "Note that there is no server that knows any buffer."
  (setq foretype--documents (cl-remove-if-not #'buffer-live-p foretype--documents))
  (dolist (buffer foretype--documents)
    (with-current-buffer buffer
      (setq foretype--uri nil))))

(add-hook 'foretype-ready-hook #'foretype--open-all)
(add-hook 'foretype-down-hook #'foretype--forget-all)

(defun foretype--buffer-uri ()
  "The URI of this buffer's file, or of the buffer itself."
  (let ((name (buffer-file-name)))
    (cond ((not name) (concat "untitled:" (url-hexify-string (buffer-name))))
          ((file-remote-p name) (concat "tramp:" (foretype--hexify name)))
          (t (concat "file://" (if (string-prefix-p "/" name) "" "/") (foretype--hexify name))))))

(defun foretype--hexify (path)
  "Write PATH as a URI has it."
  (url-hexify-string path url-path-allowed-chars))

(defun foretype--identify ()
  "This buffer as a TextDocumentIdentifier inside parameters."
  (list :textDocument (list :uri foretype--uri)))

(defun foretype--language-id ()
  "The language id of this buffer's major mode."
  (let ((name (replace-regexp-in-string "\\(?:-ts\\)?-mode\\'" "" (symbol-name major-mode))))
    (or (alist-get (intern name) foretype--language-ids)
        (downcase name))))

;;; Edits

(defun foretype--before-change (start end)
  "Note where the text from START to END stands, before it changes."
  (foretype--note-missed)
  (when (and foretype--uri (listp foretype--changes))
    (save-match-data
      (setq foretype--change-begun
            (list start end (foretype--position start) (foretype--position end)
                  (buffer-size))))))

(defun foretype--after-change (start end length)
  "Note that the text from START to END stands where LENGTH characters stood."
  (when foretype--uri
    (save-match-data
      (pcase foretype--change-begun
        ((guard (eq foretype--changes t)))
        ((and `(,was-start ,was-end ,from ,to ,was-size)
              (guard (and (= start was-start)
                          (= length (- was-end was-start))
                          (= (- (buffer-size) was-size) (- end start length))
                          (< (length foretype--changes) foretype--most-changes))))
         (push (list :range (list :start from :end to) :text (foretype--text start end))
               foretype--changes))
        (_ (setq foretype--changes t)))) ; Emacs announced another change than it made
    (setq foretype--change-begun nil
          foretype--known-tick (buffer-chars-modified-tick))
    (foretype--flush-soon)))

(defun foretype--note-missed ()
  "Have all of the text sent if an edit was not announced."
  (unless (eql foretype--known-tick (buffer-chars-modified-tick))
    (setq foretype--changes t
          foretype--known-tick (buffer-chars-modified-tick))))

(defun foretype--change-all ()
  "Have all of the text sent again."
  (setq foretype--changes t)
  (foretype--flush-soon))

(defun foretype--flush-soon ()
  "Send the edits of all buffers after a pause."
  (when foretype--flush-timer
    (cancel-timer foretype--flush-timer))
  (setq foretype--flush-timer
        (run-with-timer foretype--flush-after-s nil #'foretype--flush-all)))

(defun foretype--flush-all ()
  "Send the edits of all buffers."
  (dolist (buffer foretype--documents)
    (when (buffer-live-p buffer)
      (with-current-buffer buffer
        (foretype--flush)))))

(defun foretype--flush ()
  "Send the edits of this buffer."
  (foretype--note-missed)
  (when (and foretype--uri foretype--changes)
    (let ((changes (if (eq foretype--changes t)
                       (vector (list :text (foretype--text)))
                     (vconcat (reverse foretype--changes)))))
      (setq foretype--changes nil)
      (foretype--notify :textDocument/didChange
                        (list :textDocument (list :uri foretype--uri
                                                  :version (cl-incf foretype--version))
                              :contentChanges changes)))))

;;; Text and positions

(defun foretype--text (&optional start end)
  "The text from START to END, or all of it, as JSON can carry it.
What JSON cannot carry, and what ends a line in LSP but not in Emacs,
is replaced one for one."
  (save-restriction
    (widen)
    (let ((text (buffer-substring-no-properties (or start (point-min)) (or end (point-max)))))
      (if (string-match-p "[\r\ud800-\udfff\x110000-\x3fffff]" text)
          (replace-regexp-in-string
           "[\ud800-\udfff\x110000-\x3fffff]" "\ufffd"
           (subst-char-in-string ?\r ?\s text))
        text))))

(defun foretype--position (&optional point)
  "POINT, or the cursor, as an LSP position in characters."
  (save-excursion
    (save-restriction
      (widen)
      (when point
        (goto-char point))
      (let ((inhibit-field-text-motion t))
        (list :line (1- (line-number-at-pos nil t))
              :character (- (point) (line-beginning-position)))))))

(defun foretype--point (position)
  "The place of an LSP POSITION in this buffer."
  (save-excursion
    (save-restriction
      (widen)
      (goto-char (point-min))
      (let ((inhibit-field-text-motion t))
        (forward-line (plist-get position :line))
        (min (+ (point) (plist-get position :character)) (line-end-position))))))

(defun foretype--range (start end)
  "The text from START to END as an LSP range."
  (list :start (foretype--position start) :end (foretype--position end)))

(provide 'foretype-documents)
;;; foretype-documents.el ends here

;;; foretype-fix.el --- Have what Flymake marks fixed -*- lexical-binding: t; -*-

;; SPDX-License-Identifier: Apache-2.0

;;; Commentary:

;; Flymake knows what everybody says is wrong here: Eglot's servers, linters, Foretype itself.
;; The server makes a code action of each, and its edit is shown as any other.

;;; Code:

(require 'cl-lib)
(require 'flymake)
(require 'foretype-edit)

;;;###autoload
(defun foretype-fix (start end)
  "Have what Flymake marks from START to END fixed.
What would change is shown first.  Without a region, it is the line at point."
  (interactive
   (progn
     (barf-if-buffer-read-only)
     (if (use-region-p)
         (list (region-beginning) (region-end))
       (list (line-beginning-position) (line-end-position)))))
  (let ((diagnostics (flymake-diagnostics start end)))
    (unless diagnostics
      (user-error "Flymake marks nothing here"))
    (foretype--when-ready
     (lambda ()
       (foretype--open)
       (foretype--flush)
       (let ((tick (buffer-chars-modified-tick)))
         (foretype--request
          :textDocument/codeAction
          (append (foretype--identify)
                  (list :range (foretype--range start end)
                        :context (list :only ["quickfix"] :triggerKind 1
                                       :diagnostics (vconcat (mapcar #'foretype--lsp-diagnostic
                                                                     diagnostics)))))
          (lambda (actions) (foretype--fix-by (foretype--fix-choose actions) tick))))))))

(defun foretype--lsp-diagnostic (diagnostic)
  "Give Flymake's DIAGNOSTIC as LSP has it."
  (list :range (foretype--range (flymake-diagnostic-beg diagnostic)
                                (flymake-diagnostic-end diagnostic))
        :severity (let ((type (format "%s" (flymake-diagnostic-type diagnostic))))
                    (cond ((string-match-p "error" type) 1)
                          ((string-match-p "warning" type) 2)
                          (t 3)))
        :message (flymake-diagnostic-text diagnostic)))

(defun foretype--fix-choose (actions)
  "Have the user choose one of the ACTIONS that end in an edit."
  (let ((fixes (mapcar (lambda (action) (cons (plist-get action :title) action))
                       (cl-remove-if-not (lambda (action) (or (plist-get action :edit)
                                                              (plist-get action :data)))
                                         actions))))
    (unless fixes
      (user-error "Foretype: there is nothing it can fix here"))
    (cdr (if (cdr fixes)
             (assoc (completing-read "Fix: " fixes nil t) fixes)
           (car fixes)))))

(defun foretype--fix-by (action tick)
  "Show what ACTION would change in this buffer, whose text was at TICK."
  (let ((source (current-buffer)))
    (with-current-buffer (foretype--new-preview)
      (display-buffer (current-buffer))
      (if (plist-get action :edit)
          (foretype--edit-done source tick action)
        (setq foretype--edit-stream
              (make-foretype-stream
               :id (foretype--request :codeAction/resolve action
                                      (lambda (result) (foretype--edit-done source tick result))
                                      #'foretype--edit-failed)))))))

(provide 'foretype-fix)
;;; foretype-fix.el ends here

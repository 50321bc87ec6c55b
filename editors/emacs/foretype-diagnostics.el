;;; foretype-diagnostics.el --- Mistakes in the configuration file -*- lexical-binding: t; -*-

;; SPDX-License-Identifier: Apache-2.0

;;; Commentary:

;; The server publishes what is wrong with a configuration file; Flymake shows it.

;;; Code:

(require 'cl-lib)
(require 'flymake)
(require 'foretype-connection)
(require 'foretype-documents)

(defvar-local foretype--diagnostics nil "What the server says is wrong with this buffer.")

(defun foretype-flymake (report &rest _)
  "Give Flymake's function REPORT what the server says of this buffer."
  (funcall report
           (save-restriction
             (widen)
             (mapcar #'foretype--flymake-diagnostic foretype--diagnostics))))

(defun foretype--flymake-diagnostic (diagnostic)
  "Give an LSP DIAGNOSTIC as Flymake has it."
  (let* ((range (plist-get diagnostic :range))
         (start (foretype--point (plist-get range :start)))
         (end (foretype--point (plist-get range :end))))
    (flymake-make-diagnostic (current-buffer) start (if (> end start) end (1+ start))
                             (if (eql (plist-get diagnostic :severity) 1) :error :warning)
                             (plist-get diagnostic :message))))

(defun foretype--published (params)
  "Show the diagnostics of PARAMS in the buffer they are for."
  (let ((buffer (cl-find (plist-get params :uri) foretype--documents
                         :test #'equal
                         :key (lambda (each) (buffer-local-value 'foretype--uri each)))))
    (when (buffer-live-p buffer)
      (with-current-buffer buffer
        (setq foretype--diagnostics (append (plist-get params :diagnostics) nil))
        (add-hook 'flymake-diagnostic-functions #'foretype-flymake nil t)
        (if (bound-and-true-p flymake-mode)
            (flymake-start)
          (when foretype--diagnostics
            (flymake-mode)
            (flymake-start)))))))

(setf (alist-get 'textDocument/publishDiagnostics foretype--notification-functions)
      #'foretype--published)

(provide 'foretype-diagnostics)
;;; foretype-diagnostics.el ends here

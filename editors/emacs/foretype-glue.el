;;; foretype-glue.el --- Foretype's server in Eglot and lsp-mode -*- lexical-binding: t; -*-

;; SPDX-License-Identifier: Apache-2.0

;;; Commentary:

;; Nothing of this is needed: Foretype has a connection of its own.  It lets Eglot and lsp-mode
;; run a second `foretype' for what their own menus show: with lsp-mode code actions in every
;; buffer; with both explanations, completion and fixes in configuration files.

;;; Code:

(require 'foretype-connection)

(declare-function lsp-register-client "lsp-mode" (client))
(declare-function lsp-stdio-connection "lsp-mode" (command))
(declare-function make-lsp-client "lsp-mode" t)
(defvar eglot-server-programs)

(define-derived-mode foretype-configuration-mode prog-mode "Foretype"
  "Foretype's configuration file: JSON with comments."
  (setq-local comment-start "// "
              comment-end ""
              indent-tabs-mode nil)
  (modify-syntax-entry ?/ ". 124b")
  (modify-syntax-entry ?* ". 23")
  (modify-syntax-entry ?\n "> b")
  (setq font-lock-defaults
        '((("\\(\"[^\"\n]*\"\\)[ \t]*:" 1 font-lock-keyword-face t)
           ("\\_<\\(?:true\\|false\\|null\\)\\_>" . font-lock-constant-face)))))

;;;###autoload
(add-to-list 'auto-mode-alist
             '("/foretype\\.jsonc\\'\\|/foretype/config\\.jsonc\\'" . foretype-configuration-mode))

(defun foretype--glue-settings ()
  "The settings for a server beside ours, which is to offer no ghost text."
  (append '(:inlineCompletion (:enabled :json-false))
          (default-value 'foretype-settings)))

(defun foretype--glue-command (&rest _)
  "The server's command line."
  (default-value 'foretype-command))

;;;###autoload
(defun foretype-eglot-setup ()
  "Have Eglot run Foretype's server for configuration files."
  (require 'eglot)
  (add-to-list 'eglot-server-programs
               (cons 'foretype-configuration-mode #'foretype--eglot-contact)))

(defun foretype--eglot-contact (&rest _)
  "What Eglot is to run."
  (append (foretype--glue-command)
          (list :initializationOptions (foretype--glue-settings))))

;;;###autoload
(defun foretype-lsp-mode-setup ()
  "Have lsp-mode run Foretype's server beside the others.
That is in every buffer, if `global-foretype-mode' is on."
  (require 'lsp-mode)
  (lsp-register-client
   (make-lsp-client
    :new-connection (lsp-stdio-connection #'foretype--glue-command)
    :activation-fn (lambda (&rest _)
                     (or (bound-and-true-p foretype-mode)
                         (bound-and-true-p global-foretype-mode)))
    :server-id 'foretype
    :add-on? t
    :priority -10
    ;; lsp-mode counts characters, and says so only if it is told to.
    :custom-capabilities '((general . ((positionEncodings . ["utf-32"]))))
    :initialization-options #'foretype--glue-settings)))

(provide 'foretype-glue)
;;; foretype-glue.el ends here

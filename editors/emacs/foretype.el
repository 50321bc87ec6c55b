;;; foretype.el --- Ghost text and chat from models you host -*- lexical-binding: t; -*-

;; Author: The Foretype authors
;; Version: 0.1.0
;; Package-Requires: ((emacs "27.1"))
;; Keywords: convenience, tools
;; URL: https://foretype.example.org
;; SPDX-License-Identifier: Apache-2.0

;;; Commentary:

;; Completions that appear as ghost text while you type, and a chat, from the model servers of
;; your configuration.  The language server `foretype' does the work; this package starts it,
;; passes on `foretype-settings', and shows text.  It has a connection of its own, so it works
;; beside whatever Eglot or lsp-mode run for the buffer.
;;
;;   (setq foretype-settings '(:endpoint "http://127.0.0.1:8080/v1"))
;;   (global-foretype-mode)

;;; Code:

(require 'cl-lib)
(require 'foretype-connection)
(require 'foretype-documents)
(require 'foretype-ghost)
(require 'foretype-accept)
(require 'foretype-stream)
(require 'foretype-diagnostics)
(require 'foretype-chat)
(require 'foretype-edit)
(require 'foretype-fix)
(require 'foretype-glue)

;;;###autoload
(define-minor-mode foretype-mode
  "Show ghost text while you type.
\\<foretype-ghost-map>While it is shown, \\[foretype-accept] accepts all of it, \\[foretype-accept-word] a word and
\\[foretype-accept-line] a line, \\[foretype-dismiss] hides it, and \\[foretype-next-suggestion] shows another."
  :lighter (:eval (foretype--lighter))
  (cond (foretype-mode
         (setq foretype--seen-tick (buffer-chars-modified-tick))
         (add-hook 'post-command-hook #'foretype--after-command nil t)
         (add-hook 'window-selection-change-functions #'foretype--leave nil t)
         (add-hook 'change-major-mode-hook #'foretype--leave nil t)
         (foretype--open)
         (foretype--ensure))
        (t
         (remove-hook 'post-command-hook #'foretype--after-command t)
         (remove-hook 'window-selection-change-functions #'foretype--leave t)
         (remove-hook 'change-major-mode-hook #'foretype--leave t)
         (foretype--leave)
         (foretype--close))))

(defun foretype--turn-off-in-clone ()
  "Have an indirect buffer be no document: its text is its base buffer's."
  (when foretype-mode
    (foretype--cloned)
    (foretype-mode -1)))

(add-hook 'clone-indirect-buffer-hook #'foretype--turn-off-in-clone)

;;;###autoload
(define-globalized-minor-mode global-foretype-mode foretype-mode foretype--turn-on
  :group 'foretype)

(defun foretype--turn-on ()
  "Turn `foretype-mode' on in a buffer that holds a file's text."
  (when (and (buffer-file-name)
             (not (file-remote-p (buffer-file-name)))
             (not (buffer-base-buffer))
             (derived-mode-p 'prog-mode 'text-mode 'conf-mode 'fundamental-mode))
    (foretype-mode)))

(defun foretype--lighter ()
  "How the server is, for the mode line."
  (cond ((not foretype--is-ready) " ft!")
        (foretype--waits (format " ft:%s" (cdar foretype--waits)))
        (foretype--asked " ft*")
        (t " ft")))

;;; What the server can be asked

(defun foretype--execute-now (command &optional argument)
  "Run the server's COMMAND with ARGUMENT, and wait for its result."
  (unless foretype--is-ready
    (user-error "Foretype: %s" (or foretype--trouble "the server is not ready")))
  (condition-case error
      (jsonrpc-request foretype--connection :workspace/executeCommand
                       (list :command command :arguments (if argument (vector argument) [])))
    (jsonrpc-error
     (user-error "Foretype: %s" (or (alist-get 'jsonrpc-error-message (cddr error))
                                    (alist-get 'jsonrpc-error-message (cdr error)))))))

(defun foretype-status ()
  "Show which models are used, and how the servers fare."
  (interactive)
  (let ((status (foretype--execute-now "foretype.status")))
    (with-help-window "*foretype status*"
      (with-current-buffer standard-output
        (foretype--print status 0)))))

(defun foretype--print (value depth)
  "Insert VALUE, a plist or a vector, indented by DEPTH."
  (let ((indentation (make-string (* 2 depth) ?\s)))
    (cl-loop for (name item) on (if (vectorp value) (foretype--numbered value) value) by #'cddr
             for is-branch = (or (and (consp item) (keywordp (car item)))
                                 (and (vectorp item) (> (length item) 0)))
             do (insert indentation (string-remove-prefix ":" (format "%s" name)) ":"
                        (if is-branch "\n" (format " %s\n" (foretype--plain item))))
             when is-branch do (foretype--print item (1+ depth)))))

(defun foretype--numbered (vector)
  "The items of VECTOR as a plist with their numbers from 1."
  (cl-loop for item across vector for number from 1 append (list number item)))

(defun foretype--plain (item)
  "ITEM of a JSON answer as people write it."
  (pcase item
    ('t "yes")
    (:json-false "no")
    ((or 'nil (pred vectorp)) "-")
    (_ item)))

(defun foretype-select-model (feature model)
  "Use MODEL for FEATURE until the server ends."
  (interactive
   (let ((models (plist-get (foretype--execute-now "foretype.models") :models)))
     (list (completing-read "Model for: " '("codeCompletion" "chat" "fastChat") nil t)
           (completing-read "Model: " (mapcar (lambda (each) (plist-get each :modelRef)) models)
                            nil t))))
  (foretype--execute-now "foretype.selectModel" (list :feature feature :modelRef model))
  (message "Foretype: %s is used for %s" model feature))

(defun foretype-reload ()
  "Have the server read `foretype-settings' and its configuration anew."
  (interactive)
  (foretype--when-ready
   (lambda ()
     (foretype--notify :workspace/didChangeConfiguration (list :settings nil))
     (foretype--execute
      "foretype.reload" nil
      (lambda (result)
        (let ((problems (plist-get result :problems)))
          (message "Foretype: %s"
                   (if (seq-empty-p problems)
                       "the configuration was read"
                     (mapconcat (lambda (problem) (plist-get problem :message))
                                problems "; ")))))))))

(provide 'foretype)
;;; foretype.el ends here

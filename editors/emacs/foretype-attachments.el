;;; foretype-attachments.el --- What the model is to see beside a chat -*- lexical-binding: t; -*-

;; SPDX-License-Identifier: Apache-2.0

;;; Commentary:

;; An attachment is a list of a buffer and, for a part of it, the markers around that part.

;;; Code:

(require 'cl-lib)
(require 'foretype-documents)

(defvar-local foretype--attached nil "What is attached to the chat in this buffer.")

(defun foretype--chat-context ()
  "What is attached, as parameters; it is opened at the server."
  (setq foretype--attached
        (cl-remove-if-not #'buffer-live-p foretype--attached :key #'car))
  (vconcat (mapcar #'foretype--attachment foretype--attached)))

(defun foretype--attachment (attachment)
  "ATTACHMENT as parameters."
  (with-current-buffer (car attachment)
    (foretype--open)
    (foretype--flush)
    (cons :uri (cons foretype--uri
                     (and (cdr attachment)
                          (list :range (foretype--range (nth 1 attachment)
                                                        (nth 2 attachment))))))))

(defun foretype--attachment-name (attachment)
  "What ATTACHMENT is called."
  (if (buffer-live-p (car attachment))
      (with-current-buffer (car attachment)
        (if (cdr attachment)
            (format "%s:%d-%d" (buffer-name)
                    (line-number-at-pos (nth 1 attachment) t)
                    (line-number-at-pos (max (nth 1 attachment) (1- (nth 2 attachment))) t))
          (buffer-name)))
    "(closed)"))

(provide 'foretype-attachments)
;;; foretype-attachments.el ends here

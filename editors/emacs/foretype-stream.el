;;; foretype-stream.el --- Answers that come bit by bit -*- lexical-binding: t; -*-

;; SPDX-License-Identifier: Apache-2.0

;;; Commentary:

;; A request with a token: its text arrives as `$/progress' while it runs.  The same
;; notification tells what the server is waiting for.

;;; Code:

(require 'cl-lib)
(require 'foretype-connection)

(defvar foretype--streams nil "Who takes the text of each running token: an alist.")
(defvar foretype--waits nil "What the server says it is busy with, by token.")
(defvar foretype--tokens 0 "How many tokens have been given out.")

(cl-defstruct foretype-stream
  "A running request: its ID at the server and its TOKEN."
  id token)

(defun foretype--stream (method params take success failure)
  "Send the request METHOD with PARAMS, and return it as a `foretype-stream'.
TAKE gets the type and the content of each piece of text, SUCCESS the
result, FAILURE the error; all run in this buffer."
  (let ((token (format "foretype-%d" (cl-incf foretype--tokens))))
    (push (cons token (foretype--in-this-buffer
                       (lambda (value)
                         (funcall take (plist-get value :type) (plist-get value :content)))))
          foretype--streams)
    (make-foretype-stream
     :token token
     :id (foretype--request method (append params (list :token token))
                            (foretype--at-the-end token success)
                            (foretype--at-the-end token failure)))))

(defun foretype--at-the-end (token function)
  "Give a function that ends the stream of TOKEN and calls FUNCTION."
  (lambda (value)
    (foretype--end-stream token)
    (funcall function value)))

(defun foretype--end-stream (token)
  "Take no more text of TOKEN."
  (setq foretype--streams (cl-remove token foretype--streams :key #'car :test #'equal)))

(defun foretype--cancel-stream (stream)
  "Cancel STREAM; its failure function is told by the server."
  (foretype--end-stream (foretype-stream-token stream))
  (foretype--cancel (foretype-stream-id stream)))

(defun foretype--progress (params)
  "Hand on the text in PARAMS of a `$/progress', or note what is waited for."
  (let* ((token (plist-get params :token))
         (value (plist-get params :value))
         (stream (assoc token foretype--streams)))
    (cond (stream (funcall (cdr stream) value))
          ((member (plist-get value :kind) '("begin" "report"))
           (setf (alist-get token foretype--waits nil nil #'equal)
                 (or (plist-get value :message) (plist-get value :title))))
          ((equal (plist-get value :kind) "end")
           (setf (alist-get token foretype--waits nil t #'equal) nil)))
    (force-mode-line-update t)))

(defun foretype--forget-waits ()
  "Nothing is waited for when there is no server."
  (setq foretype--waits nil))

(setf (alist-get '$/progress foretype--notification-functions) #'foretype--progress)
(add-hook 'foretype-down-hook #'foretype--forget-waits)

(provide 'foretype-stream)
;;; foretype-stream.el ends here

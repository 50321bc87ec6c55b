;;; foretype-log.el --- What the server says of itself -*- lexical-binding: t; -*-

;; SPDX-License-Identifier: Apache-2.0

;;; Commentary:

;; A buffer that keeps the newest of it, and messages for the user.

;;; Code:

(defun foretype--show-message (params)
  "Show the message of PARAMS, and log it."
  (foretype--log-message params)
  (message "Foretype: %s" (plist-get params :message)))

(defun foretype--log-message (params)
  "Log the message of PARAMS."
  (foretype--log (concat (plist-get params :message) "\n")))

(defun foretype--log (text)
  "Append TEXT to the log, which keeps the newest of it."
  (with-current-buffer (get-buffer-create "*foretype log*")
    (unless (derived-mode-p 'special-mode)
      (special-mode)
      (buffer-disable-undo))
    (let ((inhibit-read-only t))
      (save-excursion
        (goto-char (point-max))
        (insert text)
        (when (> (buffer-size) 400000)
          (delete-region (point-min) (- (point-max) 200000)))))))

(defun foretype-show-log ()
  "Show what the server has logged."
  (interactive)
  (foretype--log "")
  (pop-to-buffer "*foretype log*"))

(provide 'foretype-log)
;;; foretype-log.el ends here

;;; foretype-chat.el --- A conversation with a model -*- lexical-binding: t; -*-

;; SPDX-License-Identifier: Apache-2.0

;;; Commentary:

;; A buffer that holds the conversation; what is written at its end is the next question.

;;; Code:

(require 'cl-lib)
(require 'subr-x)
(require 'foretype-attachments)
(require 'foretype-stream)
(require 'foretype-markdown)

(defconst foretype--chat-name "*foretype chat*" "The name of the buffer.")

(defvar-local foretype--messages nil "What has been said, newest first.")
(defvar-local foretype--chat-stream nil "The answer that is being written.")
(defvar-local foretype--answer-start nil "Where that answer starts.")
(defvar-local foretype--input-start nil "Where the next question starts.")
(defvar-local foretype--is-thinking nil "Whether what is shown is the model's thinking.")
(defvar-local foretype--source nil "The buffer that code is inserted into.")

(defvar foretype-chat-mode-map
  (let ((map (make-sparse-keymap)))
    (define-key map (kbd "C-c C-c") #'foretype-chat-send)
    (define-key map (kbd "C-c C-k") #'foretype-chat-cancel)
    (define-key map (kbd "C-c C-i") #'foretype-chat-insert-code)
    (define-key map (kbd "C-c C-w") #'foretype-chat-copy-code)
    (define-key map (kbd "C-c C-d") #'foretype-chat-detach)
    (define-key map (kbd "C-c C-n") #'foretype-chat-new)
    map)
  "Keys of the chat buffer.")

(define-derived-mode foretype-chat-mode text-mode "Chat"
  "A conversation with a model."
  (setq header-line-format '(:eval (foretype--chat-header)))
  (setq-local mode-line-process
              '(foretype--chat-stream (foretype--is-thinking ":thinking" ":writing")))
  (setq-local scroll-conservatively 101 ; what came before stays in sight
              scroll-margin 0)
  (visual-line-mode)
  (foretype--invite))

(defun foretype--chat-header ()
  "What the keys do now, and what is attached."
  (concat
   (substitute-command-keys
    (concat "\\<foretype-chat-mode-map>"
            (if foretype--chat-stream
                "\\[foretype-chat-cancel] cancels"
              "\\[foretype-chat-send] sends, \\[foretype-chat-insert-code] inserts code")))
   (and foretype--attached
        (concat "   Attached: "
                (mapconcat #'foretype--attachment-name foretype--attached ", ")))))

;;; Commands

(defun foretype--chat-buffer ()
  "The chat buffer, made if need be."
  (with-current-buffer (get-buffer-create foretype--chat-name)
    (unless (derived-mode-p 'foretype-chat-mode)
      (foretype-chat-mode))
    (current-buffer)))

;;;###autoload
(defun foretype-chat (&optional is-whole)
  "Show the chat, with the region attached if there is one.
With a prefix argument, IS-WHOLE, the whole buffer is attached."
  (interactive "P")
  (unless (derived-mode-p 'foretype-chat-mode)
    (when (or is-whole (use-region-p))
      (foretype-chat-attach)))
  (let ((source (current-buffer)))
    (pop-to-buffer (foretype--chat-buffer))
    (unless (eq source (current-buffer))
      (setq foretype--source source))
    (goto-char (point-max))))

;;;###autoload
(defun foretype-chat-attach ()
  "Attach the region, or else the whole buffer, to the chat."
  (interactive)
  (when (derived-mode-p 'foretype-chat-mode)
    (user-error "Attach from the buffer that the model is to see"))
  (let ((attachment (if (use-region-p)
                        (list (current-buffer)
                              (copy-marker (region-beginning)) (copy-marker (region-end) t))
                      (list (current-buffer))))
        (source (current-buffer)))
    (deactivate-mark)
    (with-current-buffer (foretype--chat-buffer)
      (setq foretype--source source
            foretype--attached (append foretype--attached (list attachment)))
      (force-mode-line-update)
      (message "Attached %s" (foretype--attachment-name attachment)))))

(defun foretype-chat-detach ()
  "Attach nothing any more."
  (interactive)
  (with-current-buffer (foretype--chat-buffer)
    (setq foretype--attached nil)
    (force-mode-line-update)))

(defun foretype-chat-new ()
  "Forget what has been said and attached, and begin anew."
  (interactive)
  (with-current-buffer (foretype--chat-buffer)
    (foretype-chat-cancel)
    (let ((inhibit-read-only t))
      (erase-buffer))
    (setq foretype--messages nil
          foretype--attached nil)
    (foretype--invite)))

;;;###autoload
(defun foretype-explain ()
  "Have the region, or else the function at point, explained in the chat."
  (interactive)
  (let ((source (current-buffer)))
    (save-mark-and-excursion
      (unless (use-region-p)
        (mark-defun)
        (activate-mark))
      (with-current-buffer (foretype--chat-buffer)
        (foretype-chat-new))
      (foretype-chat-attach))
    (pop-to-buffer (foretype--chat-buffer))
    (setq foretype--source source)
    (goto-char (point-max))
    (insert "Explain this code.")
    (foretype-chat-send)))

(defun foretype-chat-send ()
  "Send what is written at the end of the chat."
  (interactive)
  (when foretype--chat-stream
    (user-error "The model is still writing"))
  (let ((question (string-trim (buffer-substring-no-properties foretype--input-start
                                                               (point-max)))))
    (when (equal question "")
      (user-error "Write a question first"))
    (foretype--when-ready (lambda () (foretype--chat-ask question)))))

(defun foretype-chat-cancel ()
  "Stop the answer that is being written."
  (interactive)
  (when foretype--chat-stream
    (foretype--cancel-stream foretype--chat-stream)
    (foretype--chat-end (foretype--shown-answer) "cancelled")))

(defun foretype-chat-insert-code ()
  "Insert the code block at point, or the last one before it, where the cursor was."
  (interactive)
  (let ((code (foretype--chat-code))
        (target foretype--source))
    (unless (buffer-live-p target)
      (user-error "There is no buffer to insert into: call `foretype-chat' from it"))
    (pop-to-buffer target)
    (barf-if-buffer-read-only)
    (when (use-region-p)
      (delete-region (region-beginning) (region-end)))
    (push-mark nil t)
    (insert code)))

(defun foretype-chat-copy-code ()
  "Copy the code block at point, or the last one before it."
  (interactive)
  (kill-new (foretype--chat-code))
  (message "Copied"))

(defun foretype--chat-code ()
  "The code block at point, or the last one before it."
  (or (foretype--code-near (point))
      (user-error "There is no code block")))

;;; One turn

(defun foretype--chat-ask (question)
  "Ask the model QUESTION, and show its answer as it comes."
  (let ((inhibit-read-only t))
    (delete-region foretype--input-start (point-max))
    (foretype--say question)
    (push (list :role "user" :content question) foretype--messages)
    (foretype--heading "Model")
    (setq foretype--answer-start (copy-marker (point-max))
          foretype--is-thinking nil)
    (foretype--draw-from foretype--answer-start)
    (setq foretype--chat-stream
          (foretype--stream :foretype/chat
                            (list :messages (vconcat (reverse foretype--messages))
                                  :context (foretype--chat-context))
                            #'foretype--chat-take
                            #'foretype--chat-done
                            #'foretype--chat-failed))))

(defun foretype--chat-take (type content)
  "Show CONTENT, which is thinking or part of the answer, by its TYPE."
  (pcase type
    ("reasoning"
     (when (or foretype--is-thinking (= foretype--answer-start (point-max)))
       (setq foretype--is-thinking t)
       (foretype--say (propertize content 'face 'shadow))))
    ("delta"
     (foretype--forget-thinking)
     (foretype--say content)
     (foretype--draw-markdown))))

(defun foretype--forget-thinking ()
  "Remove the model's thinking once it answers."
  (when foretype--is-thinking
    (setq foretype--is-thinking nil)
    (let ((inhibit-read-only t))
      (delete-region foretype--answer-start (point-max)))))

(defun foretype--chat-done (result)
  "Keep the answer that RESULT has."
  (let ((answer (plist-get result :content)))
    (unless (equal answer (foretype--shown-answer))
      (let ((inhibit-read-only t))
        (delete-region foretype--answer-start (point-max)))
      (foretype--draw-from foretype--answer-start)
      (foretype--say answer))
    (foretype--chat-end answer (and (equal (plist-get result :finishReason) "length")
                                    "cut at the longest answer allowed"))))

(defun foretype--chat-failed (error)
  "Keep what had been written before ERROR.
If there is nothing, the question can be sent again."
  (when foretype--chat-stream
    (foretype--chat-end (foretype--shown-answer) (plist-get error :message))))

(defun foretype--shown-answer ()
  "What has been shown of the answer."
  (foretype--forget-thinking)
  (buffer-substring-no-properties foretype--answer-start (point-max)))

(defun foretype--chat-end (answer remark)
  "End a turn with ANSWER; REMARK says what is wrong with it."
  (setq foretype--chat-stream nil)
  (foretype--draw-markdown t)
  (when remark
    (foretype--say (propertize (format "%s[%s]" (if (equal answer "") "" "\n\n") remark)
                               'face 'error)))
  (if (equal answer "")
      (let ((question (plist-get (pop foretype--messages) :content)))
        (foretype--invite)
        (when remark
          (insert question)))
    (push (list :role "assistant" :content answer) foretype--messages)
    (foretype--invite)))

;;; The text of the buffer

(defun foretype--say (text)
  "Append TEXT, which cannot be edited.
Windows that show the end go on showing it."
  (let ((inhibit-read-only t)
        (end (point-max)))
    (let ((following (cl-remove-if-not (lambda (window) (= (window-point window) end))
                                       (get-buffer-window-list nil nil t)))
          (is-here (= (point) end)))
      (save-excursion
        (goto-char end)
        (insert (propertize text 'read-only t 'front-sticky t 'rear-nonsticky t)))
      (when is-here
        (goto-char (point-max)))
      (dolist (window following)
        (set-window-point window (point-max))))))

(defun foretype--heading (title)
  "Begin a section with TITLE."
  (foretype--say (concat (if (= (point-min) (point-max)) "" "\n\n")
                         (propertize (concat "## " title)
                                     'face '(:inherit font-lock-keyword-face :weight bold))
                         "\n\n")))

(defun foretype--invite ()
  "Have the user write the next question at the end."
  (foretype--heading "You")
  (setq foretype--input-start (copy-marker (point-max)))
  (buffer-disable-undo)
  (buffer-enable-undo))

(provide 'foretype-chat)
;;; foretype-chat.el ends here

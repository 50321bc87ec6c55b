;;; foretype-connection.el --- The process behind Foretype -*- lexical-binding: t; -*-

;; SPDX-License-Identifier: Apache-2.0

;;; Commentary:

;; One server process for the whole Emacs, beside whatever servers Eglot or lsp-mode run.
;; It is started when somebody needs it, and again, after a pause, when it dies.

;;; Code:

(require 'cl-lib)
(require 'jsonrpc)
(require 'foretype-log)

(defgroup foretype nil
  "Ghost text and chat from the models you host."
  :group 'tools
  :prefix "foretype-")

(defcustom foretype-command '("foretype" "serve" "--stdio")
  "The server's program and its arguments.
Only the global value counts: nothing in a project can set it."
  :type '(repeat string)
  :risky t)

(defcustom foretype-settings nil
  "The server's settings, as a property list, passed on as they are.
For example (:endpoint \"http://127.0.0.1:8080/v1\").  An object is a
property list, a list is a vector, false is :json-false.  Only the
global value counts: nothing in a project can set it.
After a change, `foretype-reload' hands the settings over."
  :type 'plist
  :risky t)

(defconst foretype--pauses-s '(0.5 1 2 5 10 30 60)
  "Pauses before the server is started again, the last one for ever after.")

(defconst foretype--steady-s 60
  "A server that has lived for so many seconds starts the pauses anew.")

(defconst foretype--cancelled -32800
  "The code of the error that answers a cancelled request.")

(defvar foretype-ready-hook nil
  "Run when the server has started, or started again.")

(defvar foretype-down-hook nil
  "Run when the server has ended.")

(defvar foretype--notification-functions
  (list (cons 'window/showMessage #'foretype--show-message)
        (cons 'window/logMessage #'foretype--log-message))
  "What is done with each notification: an alist of method and function.")

(defvar foretype--connection nil "The running connection, if any.")
(defvar foretype--is-ready nil "Whether the server has answered `initialize'.")
(defvar foretype--started nil "When the server was started, in seconds.")
(defvar foretype--deaths 0 "How often the server has died in a row.")
(defvar foretype--restart-timer nil "Starts the server again.")
(defvar foretype--trouble nil "What is wrong with the process, in one sentence.")

(defclass foretype-connection (jsonrpc-process-connection)
  ((last-id :initform nil :accessor foretype--last-id
            :documentation "The number of the request that was sent last."))
  :documentation "A connection that knows the numbers of its requests.")

(cl-defmethod jsonrpc-connection-send :before
  ((connection foretype-connection) &key id method &allow-other-keys)
  "Note the ID of a request of CONNECTION, which has a METHOD, too."
  (when (and id method)
    (setf (foretype--last-id connection) id)))

;;; Asking

(defun foretype--notify (method params)
  "Send the notification METHOD with PARAMS, if the server is ready."
  (when foretype--is-ready
    (foretype--send #'jsonrpc-notify method params)))

(defun foretype--request (method params success &optional failure)
  "Send the request METHOD with PARAMS, and return its number.
Without a server, nothing is sent, and nil is returned.
SUCCESS gets the result, FAILURE the error; both run in the buffer
that is current now, if it still lives.  There is no time limit."
  (when foretype--is-ready
    (let ((connection foretype--connection))
      (and (foretype--send #'jsonrpc-async-request method params
                           :timeout nil
                           :success-fn (foretype--in-this-buffer success)
                           :error-fn (foretype--in-this-buffer (or failure #'foretype--complain)))
           (foretype--last-id connection)))))

(defun foretype--send (function &rest arguments)
  "Call FUNCTION with the connection and ARGUMENTS.
Tell whether there was a server for it."
  (condition-case error
      (when foretype--connection
        (apply function foretype--connection arguments)
        t)
    (error (when (and foretype--connection (jsonrpc-running-p foretype--connection))
             (signal (car error) (cdr error))))))

(defun foretype--execute (command argument success)
  "Run the server's COMMAND with ARGUMENT, nil for none; SUCCESS gets the result."
  (foretype--request :workspace/executeCommand
                     (list :command command :arguments (if argument (vector argument) []))
                     success))

(defun foretype--cancel (id)
  "Cancel the request ID, if it is one."
  (when id
    (foretype--notify :$/cancelRequest (list :id id))))

(defun foretype--in-this-buffer (function)
  "Give a function that calls FUNCTION in the buffer that is current now."
  (let ((buffer (current-buffer)))
    (lambda (value)
      (when (buffer-live-p buffer)
        (with-current-buffer buffer
          (funcall function value))))))

(defun foretype--complain (error)
  "Show the sentence of a JSON-RPC ERROR, unless it is a cancellation."
  (unless (eql (plist-get error :code) foretype--cancelled)
    (message "Foretype: %s" (plist-get error :message))))

(defun foretype--when-ready (function)
  "Call FUNCTION in this buffer as soon as the server is ready.
It is started if need be."
  (if foretype--is-ready
      (funcall function)
    (let ((here (foretype--in-this-buffer (lambda (_) (funcall function)))))
      (letrec ((once (lambda ()
                       (remove-hook 'foretype-ready-hook once)
                       (funcall here nil))))
        (add-hook 'foretype-ready-hook once t))
      (foretype--ensure)
      (when foretype--trouble
        (user-error "Foretype: %s" foretype--trouble)))))

;;; Start and end

(defun foretype--ensure ()
  "Start the server, unless it runs or is about to be started again."
  (unless (or foretype--connection foretype--restart-timer)
    (foretype--start)))

(defun foretype--start ()
  "Start the server."
  (setq foretype--restart-timer nil)
  ;; A buffer of its own: what a project sets for its buffers must not decide what is run.
  (with-temp-buffer
    (let* ((default-directory (expand-file-name "~/"))
           (command (default-value 'foretype-command))
           (program (executable-find (car command))))
      (if program
          (foretype--connect (cons program (cdr command)))
        (foretype--cannot-run (car command))))))

(defun foretype--cannot-run (name)
  "Say, once, that there is no program NAME."
  (let ((trouble (format-message
                  "cannot find the program `%s'; install it, or set `foretype-command'" name)))
    (unless (equal trouble foretype--trouble)
      (message "Foretype: %s" trouble))
    (setq foretype--trouble trouble)))

(defun foretype--connect (command)
  "Run COMMAND and introduce ourselves."
  (setq foretype--trouble nil
        foretype--started (float-time)
        foretype--connection
        (apply #'make-instance 'foretype-connection
               :name "foretype"
               :process (lambda () (foretype--process command))
               :request-dispatcher #'foretype--answer
               :notification-dispatcher #'foretype--notified
               :on-shutdown #'foretype--ended
               (if (fboundp 'jsonrpc--events-buffer-scrollback-size) ; before Emacs 30
                   '(:events-buffer-scrollback-size 0)
                 '(:events-buffer-config (:size 0 :format full)))))
  (let ((connection foretype--connection))
    (jsonrpc-async-request
     connection :initialize (foretype--introduction)
     :timeout nil
     :success-fn (lambda (_) (foretype--become-ready connection))
     :error-fn (lambda (error)
                 (foretype--complain error)
                 (when (jsonrpc-running-p connection)
                   (delete-process (jsonrpc--process connection)))))))

(defun foretype--process (command)
  "Start COMMAND; what it writes to standard error goes to the log."
  (make-process
   :name "foretype" :command command :connection-type 'pipe
   :coding 'utf-8-emacs-unix :noquery t
   :stderr (make-pipe-process :name "foretype stderr" :noquery t :coding 'utf-8
                              :filter (lambda (_ text) (foretype--log text))
                              :sentinel #'ignore)))

(defun foretype--introduction ()
  "The parameters of `initialize'."
  (list :processId (emacs-pid)
        :clientInfo (list :name "Emacs" :version emacs-version)
        :rootUri nil
        :initializationOptions (default-value 'foretype-settings)
        :capabilities
        '(:general (:positionEncodings ["utf-32"])
          :workspace (:configuration t)
          :window (:workDoneProgress t)
          :textDocument (:synchronization (:didSave t)
                         :inlineCompletion (:dynamicRegistration :json-false)
                         :codeAction (:codeActionLiteralSupport
                                      (:codeActionKind (:valueSet ["quickfix"]))
                                      :dataSupport t
                                      :resolveSupport (:properties ["edit"]))
                         :publishDiagnostics (:relatedInformation :json-false)))))

(defun foretype--become-ready (connection)
  "Note that the server of CONNECTION can be asked."
  (when (eq connection foretype--connection)
    (setq foretype--is-ready t)
    (foretype--notify :initialized (make-hash-table :size 1))
    (run-hooks 'foretype-ready-hook)))

(defun foretype--ended (connection)
  "Note the end of CONNECTION, and start the server again if nobody wanted it."
  (when (eq connection foretype--connection)
    (setq foretype--connection nil
          foretype--is-ready nil)
    (when (> (- (float-time) foretype--started) foretype--steady-s)
      (setq foretype--deaths 0))
    (let ((pause-s (or (nth foretype--deaths foretype--pauses-s)
                       (car (last foretype--pauses-s)))))
      (cl-incf foretype--deaths)
      (setq foretype--restart-timer (run-with-timer pause-s nil #'foretype--start))
      (message "Foretype: the server ended and is started again in %s s (see `foretype-show-log')"
               pause-s))
    (run-hooks 'foretype-down-hook)))

(defun foretype--stop ()
  "End the server, politely."
  (when foretype--restart-timer
    (cancel-timer foretype--restart-timer))
  (let ((connection foretype--connection))
    (setq foretype--restart-timer nil
          foretype--trouble nil
          foretype--deaths 0
          foretype--connection nil) ; so its end is no death
    (when (and connection (jsonrpc-running-p connection))
      (ignore-errors
        (jsonrpc-request connection :shutdown nil :timeout 1)
        (jsonrpc-notify connection :exit nil)
        (accept-process-output (jsonrpc--process connection) 1))
      (when (jsonrpc-running-p connection)
        (delete-process (jsonrpc--process connection))))
    (setq foretype--is-ready nil)
    (run-hooks 'foretype-down-hook)))

(defun foretype-restart ()
  "End the server, if it runs, and start it at once."
  (interactive)
  (foretype--stop)
  (foretype--start))

(defun foretype--say-goodbye ()
  "Tell the server that Emacs ends, and wait for nothing.
Once its terminal has gone, Emacs would wait for a process for ever."
  (when (and foretype--connection (jsonrpc-running-p foretype--connection))
    (ignore-errors
      (jsonrpc-async-request foretype--connection :shutdown nil :timeout nil)
      (jsonrpc-notify foretype--connection :exit nil))))

(add-hook 'kill-emacs-hook #'foretype--say-goodbye)

;;; What the server says of itself

(defun foretype--answer (_connection method params)
  "Answer the server's request METHOD with PARAMS."
  (pcase method
    ('workspace/configuration
     (vconcat (mapcar (lambda (item)
                        (and (equal (plist-get item :section) "foretype")
                             (default-value 'foretype-settings)))
                      (plist-get params :items))))
    ((or 'window/workDoneProgress/create 'client/registerCapability
         'client/unregisterCapability)
     nil)
    ('window/showMessageRequest
     (foretype--show-message params)
     nil)
    (_ (jsonrpc-error :code -32601 :message (format "Emacs does not answer %s" method)))))

(defun foretype--notified (_connection method params)
  "Hand the notification METHOD with PARAMS to whoever knows it."
  (funcall (alist-get method foretype--notification-functions #'ignore) params))

(provide 'foretype-connection)
;;; foretype-connection.el ends here

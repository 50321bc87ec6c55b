;; copilot.el on Foretype: after it is installed as its README says, without its own server.
(setq copilot-server-executable (executable-find "foretype")
      copilot-server-args '("serve" "--stdio"))
(add-hook 'prog-mode-hook #'copilot-mode)

-- copilot.lua on Foretype: after it is installed as its README says, without its own server.
require("copilot").setup({
  server = { type = "binary", custom_server_filepath = vim.fn.exepath("foretype") },
  suggestion = { auto_trigger = true },
  -- Anything of Foretype's settings may stand here.
  server_opts_overrides = { init_options = { inlineCompletion = { candidates = 3 } } },
})

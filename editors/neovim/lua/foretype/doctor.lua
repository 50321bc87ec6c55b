--- `foretype doctor` in a terminal, with the configuration that the server has.
local M = {}

---The options of the command line that say the same as the settings.
local OPTIONS = {
  { setting = 'configFile', option = '--config' },
  { setting = 'gateway', option = '--gateway' },
  { setting = 'endpoint', option = '--endpoint' },
  { setting = 'model', option = '--model' },
}

---The command line of another subcommand of the program that serves.
---@param options foretype.Options
---@param subcommand string
---@return string[]|nil nil if the server is not started by a command with `serve`
function M.command(options, subcommand)
  if type(options.cmd) ~= 'table' then
    return nil
  end
  local command, is_replaced = {}, false
  for _, word in ipairs(options.cmd) do
    if word == 'serve' and not is_replaced then
      word, is_replaced = subcommand, true
    end
    if word ~= '--stdio' then
      table.insert(command, word)
    end
  end
  for _, pair in ipairs(OPTIONS) do
    local value = options.init_options[pair.setting]
    if type(value) == 'string' and value ~= '' then
      vim.list_extend(command, { pair.option, value })
    end
  end
  return is_replaced and command or nil
end

---Open a terminal with what the doctor says.
function M.run()
  local options = require('foretype').options()
  local command = options and M.command(options, 'doctor')
  if not command then
    return vim.notify('foretype: run "foretype doctor" in a terminal', vim.log.levels.WARN)
  end
  vim.cmd('botright new')
  vim.fn.jobstart(command, { term = true })
end

return M

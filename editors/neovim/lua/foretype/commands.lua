--- The commands `:Foretype...`.
local actions = require('foretype.actions')
local chat = require('foretype.chat')
local client = require('foretype.client')
local edit = require('foretype.edit')
local preview = require('foretype.preview')
local server_commands = require('foretype.server_commands')

local M = {}

local function warn(message)
  vim.notify('foretype: ' .. message, vim.log.levels.WARN)
end

---@param names string[]
local function complete_from(names)
  return function(start)
    return vim.tbl_filter(function(name)
      return vim.startswith(name, start)
    end, names)
  end
end

local function attach(arguments)
  local has_range = arguments.range > 0
  chat.attach(
    vim.api.nvim_get_current_buf(),
    has_range and arguments.line1 or nil,
    has_range and arguments.line2 or nil
  )
end

---@type table<string, { run: fun(arguments: table), desc: string, takes_range?: boolean, nargs?: string }>
local commands = {
  Chat = {
    desc = 'ask about the lines given, or anything',
    nargs = '*',
    takes_range = true,
    run = function(arguments)
      if arguments.range > 0 then
        attach(arguments)
      end
      chat.open()
      if arguments.args ~= '' then
        chat.send(arguments.args)
      else
        vim.cmd.startinsert()
      end
    end,
  },
  ChatNew = {
    desc = 'a new conversation',
    run = function()
      chat.open()
      chat.new()
    end,
  },
  Attach = {
    desc = 'attach the lines given, or this file, to the conversation',
    takes_range = true,
    run = function(arguments)
      attach(arguments)
      chat.open()
    end,
  },
  Insert = { desc = 'insert the code of the answer', run = chat.insert_code },
  Edit = {
    desc = 'change the lines given as told, or write at the cursor',
    nargs = '*',
    takes_range = true,
    run = edit.command,
  },
  Accept = {
    desc = 'take what is proposed',
    run = function()
      if not preview.accept() then
        warn('nothing is proposed')
      end
    end,
  },
  Reject = {
    desc = 'leave the file as it is',
    run = function()
      if not preview.reject() then
        warn('nothing is proposed')
      end
    end,
  },
  Stop = {
    desc = 'stop what is being written',
    run = function()
      local stopped = { chat.cancel(), edit.cancel(), actions.cancel() }
      if not vim.list_contains(stopped, true) then
        warn('nothing is being written')
      end
    end,
  },
}

for _, name in ipairs({ 'Explain', 'Document', 'Fix', 'Tests' }) do
  commands[name] = {
    desc = name:lower() .. ': the action of the server for this code',
    takes_range = true,
    run = function(arguments)
      actions.command(name:lower(), arguments)
    end,
  }
end

---Names of all commands that are made, without a colon.
---@return string[]
function M.names()
  local names = { 'Foretype' }
  for name in vim.spairs(commands) do
    table.insert(names, 'Foretype' .. name)
  end
  return names
end

---Create the commands; `:Foretype` completes the names of what it can do.
function M.create()
  for name, command in pairs(commands) do
    vim.api.nvim_create_user_command('Foretype' .. name, command.run, {
      desc = 'Foretype: ' .. command.desc,
      nargs = command.nargs or 0,
      range = command.takes_range or nil,
    })
  end
  vim.api.nvim_create_user_command('Foretype', function(arguments)
    local run = server_commands[arguments.args]
    if not run then
      local message = 'foretype: no such command: ' .. arguments.args
      return vim.notify(message, vim.log.levels.ERROR)
    end
    if arguments.args == 'restart' or arguments.args == 'log' or arguments.args == 'doctor' then
      return run()
    end
    local server = client.any()
    if not server then
      return warn('the server is not running')
    end
    run(server)
  end, {
    nargs = 1,
    desc = 'Foretype: status, model, reload, restart, log, doctor, on, off',
    complete = complete_from(vim.tbl_keys(server_commands)),
  })
end

return M

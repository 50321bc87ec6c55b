--- Ghost text drawn by Neovim itself: |vim.lsp.inline_completion|, there since 0.12.
---
--- What it has no function for is done here: accepting a word or a line, dismissing, and asking for
--- several suggestions, which we draw ourselves while the buffer's built-in drawing pauses.
local client = require('foretype.client')
local insertion = require('foretype.insertion')
local session = require('foretype.session')
local suggestion = require('foretype.suggestion')

local M = {}

local NAMESPACE = 'nvim.lsp.inline_completion'

---@type table<integer, true> buffers whose built-in drawing pauses
local paused = {}

---Whether this Neovim has it.
---@return boolean
function M.exists()
  return vim.lsp.inline_completion ~= nil
end

---Let Neovim draw in a buffer, or no longer.
---@param buf integer
---@param is_on boolean
function M.enable(buf, is_on)
  paused[buf] = nil
  if vim.api.nvim_buf_is_valid(buf) then
    vim.lsp.inline_completion.enable(is_on, { bufnr = buf })
  end
end

---Give a buffer back to the built-in drawing once nothing of ours is shown there.
local function resume()
  local buf = vim.api.nvim_get_current_buf()
  session.refresh()
  if paused[buf] and not session.is_visible() then
    client.cancel()
    M.enable(buf, true)
  end
end

---Watch for the end of a pause.
---@param group integer the autocommand group
function M.watch(group)
  vim.api.nvim_create_autocmd({ 'TextChangedI', 'TextChangedP', 'CursorMovedI' }, {
    group = group,
    desc = 'Give ghost text back to Neovim',
    callback = resume,
  })
  local function leave()
    session.dismiss()
    resume()
  end
  vim.api.nvim_create_autocmd('ModeChanged', {
    group = group,
    pattern = 'i*:[^i]*',
    desc = 'Hide the suggestion of Foretype',
    callback = leave,
  })
  vim.api.nvim_create_autocmd({ 'BufLeave', 'WinLeave' }, {
    group = group,
    desc = 'Hide the suggestion of Foretype',
    callback = leave,
  })
end

---What Neovim draws in the current buffer; nil: nothing.
---@return string|nil
local function drawn()
  local namespace = vim.api.nvim_get_namespaces()[NAMESPACE]
  local marks = namespace and vim.api.nvim_buf_get_extmarks(0, namespace, 0, -1, { details = true })
  local mark = marks and marks[1] and marks[1][4]
  if not mark then
    return nil
  end
  local lines = {}
  for _, chunks in ipairs({ mark.virt_text or {}, unpack(mark.virt_lines or {}) }) do
    table.insert(lines, chunks[1] and chunks[1][1] or '')
  end
  return table.concat(lines, '\n')
end

---Whether a suggestion is on the screen that a key could accept.
---@return boolean
function M.is_visible()
  return session.is_visible() or drawn() ~= nil
end

---Hide the suggestion and stay in insert mode.
function M.dismiss()
  session.dismiss()
  -- Taking an item and doing nothing with it hides it and takes back what is asked.
  vim.lsp.inline_completion.get({ on_accept = function() end })
end

---Ask for several suggestions, the first time at a place, and show the next one.
---@param step 1|-1
function M.cycle(step)
  local buf, standing = vim.api.nvim_get_current_buf(), drawn()
  if not paused[buf] then
    M.enable(buf, false)
    paused[buf] = true
  end
  session.cycle(step, standing)
end

---What an item means at the cursor. What was typed since it was asked for counts as covered by it,
---since Neovim 0.12 leaves the range as it was and would leave the typed text behind the accepted.
---@param item table a vim.lsp.inline_completion.Item
---@return foretype.Suggestion|nil, vim.lsp.Client|nil
local function read(item)
  local server = vim.lsp.get_client_by_id(item.client_id)
  if not server then
    return nil
  end
  local cursor, line = vim.api.nvim_win_get_cursor(0), vim.api.nvim_get_current_line()
  local encoding = server.offset_encoding
  local range = item.range and item.range:to_lsp(encoding)
  if range and range['end'].line == cursor[1] - 1 then
    local here = vim.str_utfindex(line, encoding, cursor[2], false)
    range['end'].character = math.max(range['end'].character, here)
  end
  local raw = { insertText = item.insert_text, range = range, command = item.command }
  return suggestion.from_item(raw, line, cursor[1] - 1, cursor[2], encoding), server
end

---@param item table
---@param part "all"|"word"|"line"
local function apply(item, part)
  local shown, server = read(item)
  if not shown then
    return
  end
  local accepted = suggestion.first_part(shown.text, part)
  if suggestion.is_finished(shown.text:sub(#accepted + 1), shown.replaced) then
    insertion.insert(shown.text, #shown.replaced)
    if shown.command then
      client.run(server, shown.command)
    end
  else
    insertion.insert(accepted, 0)
  end
  -- What is typed from here on is an undo step of its own.
  local break_undo = vim.api.nvim_replace_termcodes('<C-g>u', true, true, true)
  vim.api.nvim_feedkeys(break_undo, 'n', false)
end

---Accept the next part of what is shown; the server hears of it after the last part.
---@param part "all"|"word"|"line"
---@return boolean accepted false if nothing was shown
function M.accept(part)
  if session.is_visible() then
    return session.accept(part)
  end
  return vim.lsp.inline_completion.get({
    on_accept = function(item)
      apply(item, part)
    end,
  })
end

return M

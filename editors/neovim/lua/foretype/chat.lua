--- A conversation with the model: turns, what is attached, and the answer that is being written.
local attachments = require('foretype.attachments')
local client = require('foretype.client')
local code_blocks = require('foretype.code_blocks')
local stream = require('foretype.stream')
local window = require('foretype.chat_window')

local M = {}

local METHOD = 'foretype/chat'

---@type { role: string, content: string }[]
local messages = {}
---@type string|nil the token of the answer that is being written
local token = nil
---@type string what has been written of it
local written = ''
---@type string|nil who gave the last answer
local answering_model = nil
local share = 0.4

---@param model string|nil
local function title(model)
  local attached = attachments.labels()
  answering_model = model or answering_model
  local parts = { 'Foretype' }
  if answering_model then
    table.insert(parts, answering_model:match('[^:]+$'))
  end
  window.set_title(table.concat(vim.list_extend(parts, attached), ' · '))
end

---What the result says was left out, as one line.
local function omission(omitted)
  if type(omitted) ~= 'table' then
    return nil
  end
  local parts = {}
  if (tonumber(omitted.turns) or 0) > 0 then
    table.insert(parts, omitted.turns .. ' earlier turns')
  end
  if (tonumber(omitted.characters) or 0) > 0 then
    table.insert(parts, omitted.characters .. ' characters of what is attached')
  end
  return #parts > 0 and 'The model was not shown ' .. table.concat(parts, ' and ') .. '.' or nil
end

---End the answer: what was written counts as the model's turn, or else the question does not count.
---@param content string
---@param note string|nil
local function finish(content, note)
  token, written = nil, ''
  window.show_state(nil)
  if content ~= '' then
    table.insert(messages, { role = 'assistant', content = content })
  else
    local question = table.remove(messages)
    window.return_question(question.content)
  end
  window.append((note and '\n\n> ' .. note or '') .. '\n\n')
end

---@type foretype.Listener
local listener = {
  delta = function(text)
    if written == '' then
      window.show_state(nil)
    end
    written = written .. text
    window.append(text)
  end,
  reasoning = function()
    window.show_state('thinking …')
  end,
  done = function(result)
    -- Deltas are a help to the eye; the result is what counts.
    local content = result.content or ''
    if vim.startswith(content, written) then
      window.append(content:sub(#written + 1))
    end
    title(result.model)
    local note = omission(result.omitted)
    if result.finishReason == 'length' then
      note = (note and note .. ' ' or '') .. 'The answer ends at the limit of the model.'
    end
    finish(content, content == '' and (note or 'The model answered nothing.') or note)
  end,
  fail = function(message, partial)
    if partial and vim.startswith(partial, written) then
      window.append(partial:sub(#written + 1))
    end
    finish(partial or written, '**Error:** ' .. message)
  end,
}

---Whether an answer is being written.
---@return boolean
function M.is_answering()
  return token ~= nil
end

---Stop the answer; what was written of it stays.
---@return boolean was_answering
function M.cancel()
  local running = token
  if not running then
    return false
  end
  stream.cancel(running)
  finish(written, 'Stopped.')
  return true
end

---Ask on, with all that was said before.
---@param question string
function M.send(question)
  question = vim.trim(question)
  if question == '' then
    return
  end
  if token then
    return vim.notify('foretype: an answer is being written; CTRL-C stops it')
  end
  local server = client.any()
  if not server then
    window.return_question(question)
    return vim.notify('foretype: the server is not running', vim.log.levels.ERROR)
  end
  table.insert(messages, { role = 'user', content = question })
  window.append('## You\n\n' .. question .. '\n\n## Foretype\n\n')
  window.show_state('…')
  window.scroll_to_end()
  title()
  -- Copied: a call that fails at once takes the question back.
  local asked = { messages = vim.deepcopy(messages) }
  local context = attachments.context(server.offset_encoding)
  asked.context = #context > 0 and context or nil
  written = ''
  token = 'asking'
  local started = stream.start(server, METHOD, asked, listener)
  token = token and started
end

---Insert the block of code under the cursor of the conversation, else the last, behind the cursor
---of the window the user came from.
function M.insert_code()
  local block = code_blocks.at(window.lines(), window.line_in_view())
  local target = window.source()
  if not block or not target then
    return vim.notify('foretype: no code to insert', vim.log.levels.WARN)
  end
  vim.api.nvim_set_current_win(target)
  local is_blank = vim.trim(vim.api.nvim_get_current_line()) == ''
  local row = vim.api.nvim_win_get_cursor(target)[1]
  vim.api.nvim_buf_set_lines(0, is_blank and row - 1 or row, row, true, block.lines)
  local last = (is_blank and row - 1 or row) + #block.lines
  vim.api.nvim_win_set_cursor(target, { math.max(last, 1), 0 })
end

---Begin a new conversation, with nothing attached.
function M.new()
  M.cancel()
  messages = {}
  attachments.clear()
  window.clear()
  title()
end

---@param conversation integer
---@param input integer
local function map_keys(conversation, input)
  local function stop()
    if not M.cancel() then
      vim.cmd.stopinsert()
    end
  end
  local function send()
    M.send(window.take_question())
  end
  for _, buf in ipairs({ conversation, input }) do
    vim.keymap.set({ 'n', 'i' }, '<C-c>', stop, { buffer = buf, desc = 'Foretype: stop the answer' })
    vim.keymap.set('n', 'q', window.close, { buffer = buf, desc = 'Foretype: close the chat' })
  end
  vim.keymap.set({ 'n', 'i' }, '<CR>', send, { buffer = input, desc = 'Foretype: send' })
  vim.keymap.set('i', '<C-j>', '<CR>', { buffer = input, desc = 'Foretype: a new line' })
  vim.keymap.set('n', '<CR>', M.insert_code, {
    buffer = conversation,
    desc = 'Foretype: insert this code',
  })
  for _, key in ipairs({ 'i', 'a', 'o' }) do
    vim.keymap.set('n', key, function()
      window.open(share)
      vim.cmd.startinsert()
    end, { buffer = conversation, desc = 'Foretype: write a question' })
  end
end

---Show the conversation and the place to write.
function M.open()
  window.create(map_keys)
  window.open(share)
  title()
end

---Attach lines of a buffer, or all of it, to this conversation.
---@param buf integer
---@param first integer|nil from 1
---@param last integer|nil inclusive
function M.attach(buf, first, last)
  local server = client.of(buf)
  if not server then
    return vim.notify('foretype: only a file with the server can be attached', vim.log.levels.WARN)
  end
  attachments.add(buf, first, last)
  title()
end

---Carry out a command of the server that means a chat, as a code action does.
---@param argument table the argument of `foretype.chat`
function M.take(argument)
  local asked = argument.messages[#argument.messages]
  for _, place in ipairs(argument.context or {}) do
    local buf, range = vim.uri_to_bufnr(place.uri), place.range
    if range then
      local ends_before = range['end'].character == 0 and range['end'].line > range.start.line
      local last = range['end'].line + (ends_before and 0 or 1)
      M.attach(buf, range.start.line + 1, math.min(last, vim.api.nvim_buf_line_count(buf)))
    else
      M.attach(buf)
    end
  end
  M.open()
  M.send(asked.content)
end

---@param options foretype.ChatOptions
function M.configure(options)
  share = options.width
end

return M

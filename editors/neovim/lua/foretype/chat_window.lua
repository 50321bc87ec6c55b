--- The chat on the screen: the conversation as Markdown, and below it the place to write.
local M = {}

local INPUT_HEIGHT = 4
local namespace = vim.api.nvim_create_namespace('foretype-chat')

---@type { conversation: integer|nil, input: integer|nil, source: integer|nil }
local buffers = {}
---@type integer|nil the window the user came from
local source = nil

---@param name string
---@param filetype string
local function scratch(name, filetype)
  local buf = vim.api.nvim_create_buf(false, true)
  vim.api.nvim_buf_set_name(buf, name)
  vim.bo[buf].bufhidden = 'hide'
  vim.bo[buf].filetype = filetype
  return buf
end

---@param buf integer|nil
---@return integer|nil
local function window_of(buf)
  return buf and vim.fn.win_findbuf(buf)[1] or nil
end

---@param buf integer|nil
local function is_valid(buf)
  return buf ~= nil and vim.api.nvim_buf_is_valid(buf)
end

---Make the buffers if there are none; `on_create` maps their keys.
---@param on_create fun(conversation: integer, input: integer)
function M.create(on_create)
  if is_valid(buffers.conversation) and is_valid(buffers.input) then
    return
  end
  for _, buf in pairs(buffers) do
    if is_valid(buf) then
      vim.api.nvim_buf_delete(buf, { force = true })
    end
  end
  buffers.conversation = scratch('foretype://chat', 'markdown')
  vim.bo[buffers.conversation].modifiable = false
  vim.bo[buffers.conversation].undolevels = -1
  buffers.input = scratch('foretype://question', 'foretype-question')
  on_create(buffers.conversation, buffers.input)
end

---@param window integer
---@param options table<string, any>
local function set_all(window, options)
  for name, value in pairs(options) do
    vim.api.nvim_set_option_value(name, value, { win = window, scope = 'local' })
  end
end

---Show the chat beside the other windows and put the cursor into the question.
---@param share number how much of the screen's width it takes, from 0 to 1
function M.open(share)
  local here = vim.api.nvim_get_current_win()
  if not M.is_ours(here) then
    source = here
  end
  local window = window_of(buffers.conversation)
  if not window then
    window = vim.api.nvim_open_win(buffers.conversation, false, {
      split = 'right',
      win = -1,
      width = math.max(20, math.floor(vim.o.columns * share)),
    })
    set_all(window, { wrap = true, linebreak = true, number = false, relativenumber = false })
    set_all(window, { signcolumn = 'no', foldcolumn = '0', conceallevel = 0, winfixwidth = true })
    set_all(window, { spell = false, list = false, cursorline = false })
  end
  local input = window_of(buffers.input)
  if not input then
    input = vim.api.nvim_open_win(buffers.input, false, {
      split = 'below',
      win = window,
      height = INPUT_HEIGHT,
    })
    set_all(input, { wrap = true, linebreak = true, number = false, relativenumber = false })
    set_all(input, { signcolumn = 'no', winfixheight = true, winfixwidth = true })
    set_all(input, { winbar = ' Enter sends, CTRL-C stops' })
  end
  vim.api.nvim_set_current_win(input)
  M.scroll_to_end()
end

---@param window integer
function M.is_ours(window)
  local buf = vim.api.nvim_win_get_buf(window)
  return buf == buffers.conversation or buf == buffers.input
end

---Close its windows; the conversation stays.
function M.close()
  for _, buf in pairs({ buffers.input, buffers.conversation }) do
    for _, window in ipairs(vim.fn.win_findbuf(buf)) do
      pcall(vim.api.nvim_win_close, window, true)
    end
  end
end

---What stands above the conversation.
---@param title string
function M.set_title(title)
  local window = window_of(buffers.conversation)
  if window then
    set_all(window, { winbar = ' ' .. title:gsub('%%', '%%%%') .. '%<' })
  end
end

---@return string[]
function M.lines()
  return vim.api.nvim_buf_get_lines(buffers.conversation, 0, -1, false)
end

---The line of the conversation the user looks at: where the cursor is, else the last.
---@return integer from 1
function M.line_in_view()
  local window = vim.api.nvim_get_current_win()
  if vim.api.nvim_win_get_buf(window) == buffers.conversation then
    return vim.api.nvim_win_get_cursor(window)[1]
  end
  return vim.api.nvim_buf_line_count(buffers.conversation)
end

---Keep the end of the conversation in view.
function M.scroll_to_end()
  local last = vim.api.nvim_buf_line_count(buffers.conversation)
  for _, window in ipairs(vim.fn.win_findbuf(buffers.conversation)) do
    vim.api.nvim_win_set_cursor(window, { last, 0 })
  end
end

---@param act fun(buf: integer)
local function change(act)
  local buf = buffers.conversation
  if not is_valid(buf) then
    return
  end
  local last, following = vim.api.nvim_buf_line_count(buf), {}
  for _, window in ipairs(vim.fn.win_findbuf(buf)) do
    if vim.api.nvim_win_get_cursor(window)[1] == last then
      table.insert(following, window)
    end
  end
  vim.bo[buf].modifiable = true
  act(buf)
  vim.bo[buf].modifiable = false
  -- Who reads further up is left there.
  for _, window in ipairs(following) do
    vim.api.nvim_win_set_cursor(window, { vim.api.nvim_buf_line_count(buf), 0 })
  end
end

---Write on at the end of the conversation.
---@param text string
function M.append(text)
  change(function(buf)
    vim.api.nvim_buf_set_text(buf, -1, -1, -1, -1, vim.split(text, '\n', { plain = true }))
  end)
end

---Show what happens, behind the conversation; nil: nothing.
---@param text string|nil
function M.show_state(text)
  if not is_valid(buffers.conversation) then
    return
  end
  vim.api.nvim_buf_clear_namespace(buffers.conversation, namespace, 0, -1)
  if text then
    local last = vim.api.nvim_buf_line_count(buffers.conversation) - 1
    vim.api.nvim_buf_set_extmark(buffers.conversation, namespace, last, 0, {
      virt_text = { { text, 'Comment' } },
      virt_text_pos = 'eol',
    })
  end
end

---Empty the conversation.
function M.clear()
  change(function(buf)
    vim.api.nvim_buf_set_lines(buf, 0, -1, false, {})
  end)
end

---Take the question that was written.
---@return string
function M.take_question()
  local lines = vim.api.nvim_buf_get_lines(buffers.input, 0, -1, false)
  vim.api.nvim_buf_set_lines(buffers.input, 0, -1, false, {})
  return vim.trim(table.concat(lines, '\n'))
end

---Give a question back that could not be answered, unless something else is written already.
---@param question string
function M.return_question(question)
  if is_valid(buffers.input) then
    local lines = vim.api.nvim_buf_get_lines(buffers.input, 0, -1, false)
    if vim.trim(table.concat(lines)) == '' then
      local back = vim.split(question, '\n', { plain = true })
      vim.api.nvim_buf_set_lines(buffers.input, 0, -1, false, back)
    end
  end
end

---The window that code goes to: the one the user came from, else any with a file in it.
---@return integer|nil
function M.source()
  if source and vim.api.nvim_win_is_valid(source) and not M.is_ours(source) then
    return source
  end
  return vim.iter(vim.api.nvim_tabpage_list_wins(0)):find(function(window)
    return vim.bo[vim.api.nvim_win_get_buf(window)].buftype == ''
  end)
end

return M

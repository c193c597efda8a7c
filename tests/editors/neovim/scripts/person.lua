-- A person at Neovim: does things, waits for what is to come of them, and notes what was seen.
-- Nothing sleeps: everything waits for what it needs, and says what was seen when that does not come.
local M = { seen = { said = {}, asked = {} } }

local WAIT_MS, POLL_MS = 60000, 5

vim.notify = function(message)
  table.insert(M.seen.said, message)
end

--- What is answered to a question, by a part of it. A question nobody expected stops the test.
M.answers = {}

vim.ui.select = function(items, options, choose)
  table.insert(M.seen.asked, options.prompt)
  for part, answer in pairs(M.answers) do
    if options.prompt:find(part, 1, true) then
      for index, item in ipairs(items) do
        if (item.title or item) == answer then
          return choose(item, index)
        end
      end
    end
  end
  error('nobody expected to be asked: ' .. options.prompt .. ' ' .. vim.inspect(items))
end

--- Wait until something holds, while the editor goes on as it does at a keyboard.
function M.wait(what, holds)
  local story, deadline = assert(coroutine.running()), vim.uv.now() + WAIT_MS
  local function look()
    local found, problem = holds(), nil
    if not found and vim.uv.now() > deadline then
      found = true
      problem = 'waited in vain for '
        .. what
        .. '\n'
        .. vim.inspect(M.seen)
        .. '\n'
        .. table.concat(M.screen(), '\n')
    end
    if found then
      M.go_on(story, problem)
    else
      vim.defer_fn(look, POLL_MS)
    end
  end
  vim.schedule(look)
  local problem = coroutine.yield()
  if problem then
    error(problem)
  end
end

--- Wait until something was said, and return it.
function M.hear(pattern)
  local found
  M.wait('the words ' .. pattern, function()
    found = vim.iter(M.seen.said):find(function(message)
      return message:find(pattern) ~= nil
    end)
    return found
  end)
  return found
end

--- Press keys, as typed. What comes of them is to be waited for.
function M.press(keys)
  vim.api.nvim_input(keys)
end

--- Return the lines of the floating window whose title holds a text, nil where there is none.
function M.float(title)
  for _, window in ipairs(vim.api.nvim_list_wins()) do
    local parts = vim.api.nvim_win_get_config(window).title
    local shown = parts and table.concat(vim.tbl_map(function(part)
      return part[1]
    end, parts)) or ''
    if shown:find(title, 1, true) then
      return vim.api.nvim_buf_get_lines(vim.api.nvim_win_get_buf(window), 0, -1, false)
    end
  end
end

--- Wait for a floating window, and return its lines.
function M.see(title)
  M.wait('the window ' .. title, function()
    return M.float(title)
  end)
  return M.float(title)
end

--- Wait until a floating window is gone.
function M.gone(title)
  M.wait(title .. ' to close', function()
    return not M.float(title)
  end)
end

--- Return the titles and lines of every floating window, for a failure's message.
function M.screen()
  local lines = {}
  for _, window in ipairs(vim.api.nvim_list_wins()) do
    table.insert(lines, '--- ' .. vim.inspect(vim.api.nvim_win_get_config(window).title))
    vim.list_extend(lines, vim.api.nvim_buf_get_lines(vim.api.nvim_win_get_buf(window), 0, 30, false))
  end
  return lines
end

--- Return the client that serves this buffer, once it does.
function M.served()
  local client
  M.wait('the server', function()
    client = vim.iter(vim.lsp.get_clients({ bufnr = 0, name = 'paceline' })):find(function(one)
      return one.initialized and not one:is_stopped()
    end)
    return client
  end)
  return client
end

--- Return the hints of this buffer as lines of text.
function M.hints()
  return vim.tbl_map(function(hint)
    return ('%s in line %d, severity %d'):format(hint.code, hint.lnum + 1, hint.severity)
  end, vim.diagnostic.get(0))
end

--- Run a story, and leave what was seen where the test looks for it.
function M.tell(story)
  M.go_on(coroutine.create(story))
end

--- Go on with a story; when it has ended, so does the editor.
function M.go_on(story, problem)
  local told, mistake = coroutine.resume(story, problem)
  if told and coroutine.status(story) ~= 'dead' then
    return
  end
  M.seen.problem = not told and debug.traceback(story, mistake) or nil
  vim.fn.writefile({ vim.json.encode(M.seen) }, vim.env.SEEN)
  vim.cmd.quitall({ bang = true })
end

return M

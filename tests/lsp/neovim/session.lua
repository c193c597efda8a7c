-- What a person does in Neovim: open a file, ask for code actions, start a run, apply the best result, save.
-- nvim --headless --clean -l session.lua EDITORS_FOLDER FILE TEXT_AT_CURSOR ENCODING SERVER_COMMAND...
-- Prints one JSON object. Nothing sleeps: everything waits for what it needs.

local folder, file, text, encoding = unpack(arg, 1, 4)
local command = vim.list_slice(arg, 5)
local seen = { suggestions = {}, messages = {}, picked = {} }

local function wait(what, holds)
  if not vim.wait(30000, holds, 5) then
    error('waited in vain for ' .. what .. '\n' .. vim.inspect(seen))
  end
end

local function status()
  return vim.g.paceline_status or 'none yet'
end

vim.opt.runtimepath:prepend(folder)
vim.notify = function(message)
  table.insert(seen.suggestions, message)
end
vim.lsp.handlers['window/showMessage'] = function(_, params)
  table.insert(seen.messages, params.message)
end
-- The picker: where there is a choice, the first is taken, as a person would.
vim.ui.select = function(items, _, choose)
  table.insert(seen.picked, vim.tbl_map(function(item)
    return item.action.title
  end, items))
  choose(items[1], 1)
end

vim.lsp.config('paceline', {
  cmd = command,
  capabilities = { general = { positionEncodings = { encoding } } },
})
vim.lsp.enable('paceline')
vim.cmd.edit(file)
vim.bo.filetype = 'python'
wait('the server', function()
  local client = vim.lsp.get_clients({ bufnr = 0, name = 'paceline' })[1]
  return client and client.initialized
end)
local client = vim.lsp.get_clients({ bufnr = 0, name = 'paceline' })[1]
seen.encoding = client.offset_encoding

local function hints()
  return vim.tbl_map(function(hint)
    return ('%s in line %d, severity %d'):format(hint.code, hint.lnum + 1, hint.severity)
  end, vim.diagnostic.get(0))
end

wait('hints', function()
  return #hints() > 0
end)
seen.hints = hints()

vim.fn.search(text, 'e')
vim.lsp.buf.code_action({
  apply = true,
  filter = function(action)
    return action.kind == 'refactor.rewrite.optimize.start'
  end,
})
wait('the run to begin', function()
  return status():match('running')
end)
wait('a proven suggestion', function()
  return #seen.suggestions > 0
end)
wait('the end of the run', function()
  return status() == '' and #seen.messages > 0
end)

local before = vim.b.changedtick
vim.lsp.buf.code_action({
  apply = true,
  filter = function(action)
    return action.kind == 'refactor.rewrite.optimize.proven'
  end,
})
wait('the edit', function()
  return vim.b.changedtick > before
end)
vim.cmd.write()
wait('the hints of what was saved', function()
  return not vim.deep_equal(hints(), seen.hints)
end)

client:stop()
wait('the server to end', function()
  return client:is_stopped()
end)
io.stdout:write(vim.json.encode(seen))

--- The picker: the proven versions of a function, fastest first, each with the diff it would make.
local float = require('paceline.float')
local preview = require('paceline.preview')
local session = require('paceline.session')
local M = {}

local PROVEN, BEST_OF_FILE = 'refactor.rewrite.optimize.proven', 'source.optimize.paceline'

---@class paceline.Choice
---@field action lsp.CodeAction with its edit
---@field client vim.lsp.Client
---@field buffer integer
---@field tick integer of the buffer when it was offered
---@field position lsp.Position in its function

--- Ask the server what is proven for the function at the cursor, and show it.
---@param options? {bang?: boolean} with a bang, the fastest version of every function of the file, as one
function M.open(options)
  local buffer = vim.api.nvim_get_current_buf()
  local client = session.client(buffer)
  if not client then
    return
  end
  local kind = options and options.bang and BEST_OF_FILE or PROVEN
  local position = session.here(client).position
  session.request(
    client,
    'textDocument/codeAction',
    {
      textDocument = { uri = vim.uri_from_bufnr(buffer) },
      range = { start = position, ['end'] = position },
      context = { diagnostics = {}, only = { kind }, triggerKind = 1 },
    },
    buffer,
    function(actions)
      local tick = vim.api.nvim_buf_get_changedtick(buffer)
      local choices = vim.tbl_map(function(action)
        return { action = action, client = client, buffer = buffer, tick = tick, position = position }
      end, actions or {})
      if #choices == 0 then
        return session.say('Paceline: nothing that is proven stands here; :PacelineOptimize starts a run')
      end
      M.show(choices)
    end
  )
end

--- Show choices: in windows where there is room for them, else as a plain list.
---@param choices paceline.Choice[]
function M.show(choices)
  local fits = vim.o.columns >= 60 and vim.o.lines >= 20
  if session.setting('picker', 'float') == 'float' and fits then
    return M.float(choices)
  end
  vim.ui.select(choices, {
    prompt = 'Paceline',
    kind = 'paceline',
    format_item = function(choice)
      return choice.action.title
    end,
  }, function(choice)
    if choice then
      M.apply(choice)
    end
  end)
end

--- Apply a choice, unless its buffer has changed since it was offered.
---@param choice paceline.Choice
function M.apply(choice)
  if not vim.bo[choice.buffer].modifiable then
    return session.say('Paceline: this buffer cannot be modified', vim.log.levels.WARN)
  end
  if vim.api.nvim_buf_get_changedtick(choice.buffer) ~= choice.tick then
    session.say('Paceline: the buffer has changed meanwhile; this is what still holds')
    return M.open()
  end
  vim.lsp.util.apply_workspace_edit(choice.action.edit, choice.client.offset_encoding)
  if choice.action.data then
    require('paceline.evidence').remember(choice.buffer, choice.action.data.id)
  end
  session.say(
    ('Applied: %s. `u` takes it back.'):format(
      choice.action.title:match('^%S+ faster') or choice.action.title
    )
  )
end

--- Turn a choice down: it is offered no more, and the team learns that from it.
---@param choice paceline.Choice
function M.dismiss(choice)
  choice.client:exec_cmd({
    title = 'Dismiss',
    command = 'paceline.dismiss',
    arguments = {
      vim.uri_from_bufnr(choice.buffer),
      { position = choice.position, candidates = { choice.action.data.id } },
    },
  }, { bufnr = choice.buffer })
end

--- Show choices in two windows: the list, and below it the diff of the one under the cursor.
---@param choices paceline.Choice[]
function M.float(choices)
  local width = math.min(110, vim.o.columns - 6)
  local list_height = math.min(#choices, 6)
  local diffs = vim.tbl_map(function(choice)
    return preview.diff(choice.buffer, choice.action.edit, choice.client.offset_encoding)
  end, choices)
  local longest = vim.iter(diffs):fold(1, function(most, diff)
    return math.max(most, #diff)
  end)
  local diff_height = math.max(3, math.min(longest, vim.o.lines - list_height - 9))
  local top = math.max(0, math.floor((vim.o.lines - list_height - diff_height - 5) / 2))
  local left = math.floor((vim.o.columns - width) / 2) - 1

  local below, diff_window = float.open({}, {
    title = 'What it changes',
    footer = '^d ^u scroll',
    width = width,
    height = diff_height,
    row = top + list_height + 2,
    col = left,
    enter = false,
  })
  vim.bo[below].syntax = 'diff'
  local list, list_window = float.open(M.lines(choices), {
    title = 'Paceline: proven faster',
    footer = '⏎ apply   e evidence   d dismiss   q close',
    width = width,
    height = list_height,
    row = top,
    col = left,
  })
  vim.wo[list_window].cursorline = true
  M.colour(list, choices)
  float.close_with({ list_window, diff_window }, list)

  local function at_cursor()
    return vim.api.nvim_win_get_cursor(list_window)[1]
  end
  local function show_diff()
    float.fill(below, diffs[at_cursor()])
    vim.api.nvim_win_set_cursor(diff_window, { 1, 0 })
  end
  local function close()
    vim.api.nvim_win_close(list_window, true)
    vim.api.nvim_win_close(diff_window, true)
  end
  local function map(key, desc, call)
    vim.keymap.set('n', key, call, { buffer = list, nowait = true, desc = desc })
  end
  map('<CR>', 'Apply', function()
    local choice = choices[at_cursor()]
    close()
    M.apply(choice)
  end)
  map('e', 'Show the evidence', function()
    local choice = choices[at_cursor()]
    close()
    require('paceline.evidence').open(choice.action.data and choice.action.data.id)
  end)
  map('d', 'Dismiss', function()
    local choice = choices[at_cursor()]
    if choice.action.data then
      close()
      M.dismiss(choice)
    end
  end)
  for key, scroll in pairs({ ['<C-d>'] = '\4', ['<C-u>'] = '\21' }) do
    map(key, 'Scroll the diff', function()
      vim.api.nvim_win_call(diff_window, function()
        vim.cmd.normal({ scroll, bang = true })
      end)
    end)
  end
  vim.api.nvim_create_autocmd('CursorMoved', { buffer = list, callback = show_diff })
  show_diff()
end

--- Return the lines of the list.
---@param choices paceline.Choice[]
---@return string[]
function M.lines(choices)
  local lines = {}
  for number, choice in ipairs(choices) do
    table.insert(lines, (' %d  %s'):format(number, choice.action.title))
  end
  return lines
end

--- Colour the gain of every line.
---@param buffer integer
---@param choices paceline.Choice[]
function M.colour(buffer, choices)
  for number, line in ipairs(M.lines(choices)) do
    local from, to = line:find('%S+ faster')
    if from then
      float.colour(buffer, 'PacelineGain', number - 1, from - 1, to)
    end
  end
end

return M

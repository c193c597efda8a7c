--- The runs: begun with a request that can be cancelled, followed by the progress that the server reports.
local session = require('paceline.session')
local targets = require('paceline.targets')
local M = {}

---@class paceline.Run
---@field token string|integer of its progress
---@field client integer
---@field request? integer nil for a run that was not begun here
---@field title string
---@field count string which of several it is, empty for one alone
---@field message string what goes on in it, the last word of the server
---@field found string[] what is proven so far

---@type paceline.Run[] in the order they began
local runs = {}
local begun = 0
local OPTIMIZE, TEACH = 'paceline/optimize', 'paceline/teach'
--- What the tokens of runs begin with that this plugin begins; the server's own begin with less.
local OURS, ANYBODYS = 'paceline-neovim-', 'paceline-'

local function show()
  if session.setting('progress', true) then
    require('paceline.progress').show(runs)
  end
  vim.cmd.redrawstatus({ bang = true })
end

--- Whether the person has stayed where the run was begun: then a window that opens is no surprise.
---@param place {buffer: integer, window: integer, cursor: integer[]}
local function is_waiting(place)
  return vim.api.nvim_get_mode().mode == 'n'
    and vim.api.nvim_get_current_win() == place.window
    and vim.api.nvim_get_current_buf() == place.buffer
    and vim.deep_equal(vim.api.nvim_win_get_cursor(0), place.cursor)
end

--- Begin a run. `ended` gets the answer, nil where it failed, which was said then. A cancelled run just ends.
---@param client vim.lsp.Client
---@param buffer integer
---@param method string
---@param params table what the request needs beside the document
---@param ended fun(result?: table)
---@param count? string which of several it is
local function begin(client, buffer, method, params, ended, count)
  begun = begun + 1
  ---@type paceline.Run
  local run = {
    token = ('%s%d'):format(OURS, begun),
    client = client.id,
    title = 'Asking the team',
    count = count or '',
    message = '',
    found = {},
  }
  local document = { textDocument = { uri = vim.uri_from_bufnr(buffer) }, workDoneToken = run.token }
  run.request = session.request(
    client,
    method,
    vim.tbl_extend('error', params, document),
    buffer,
    function(result)
      M.drop(run)
      ended(result)
    end,
    function()
      M.drop(run)
      ended(nil)
    end
  )
  if run.request then
    table.insert(runs, run)
    show()
  end
end

--- Return the run that began last, nil while nothing runs.
---@return paceline.Run?
function M.latest()
  return runs[#runs]
end

--- Prove faster versions of a function. Says how it went; opens the picker where the person waits for it.
---@param buffer integer
---@param position? lsp.Position the cursor by default
---@param client_id? integer the client that serves the buffer by default
function M.start(buffer, position, client_id)
  local client = client_id and vim.lsp.get_client_by_id(client_id) or session.client(buffer)
  if not client then
    return
  end
  local place = {
    buffer = buffer,
    window = vim.api.nvim_get_current_win(),
    cursor = vim.api.nvim_win_get_cursor(0),
  }
  begin(client, buffer, OPTIMIZE, { position = position or session.here(client).position }, function(result)
    if not result then
      return
    end
    if #result.suggestions > 0 and is_waiting(place) then
      return require('paceline.pick').open()
    end
    M.say_end(result)
  end)
end

--- Prove faster versions of several functions, one after the other. What fails ends it.
---@param buffer integer
---@param choose fun(functions: table[]): table[] which of the buffer's functions
function M.start_several(buffer, choose)
  local client = session.client(buffer)
  if not client then
    return
  end
  targets.all(client, buffer, function(functions)
    local names = vim.tbl_map(function(one)
      return one.name
    end, choose(functions))
    if #names == 0 then
      return session.say('Paceline: no function stands there')
    end
    local faster = {}
    local function go_on(index)
      if index > #names then
        return session.say(
          ('%d of %d functions can be faster%s. They are among the code actions.'):format(
            #faster,
            #names,
            #faster > 0 and ': ' .. table.concat(faster, ', ') or ''
          )
        )
      end
      -- Asked again each time, since the person may type meanwhile, and places move.
      targets.all(client, buffer, function(now)
        local one = vim.iter(now):find(function(other)
          return other.name == names[index]
        end)
        if not one then
          return go_on(index + 1)
        end
        begin(client, buffer, OPTIMIZE, { position = one.position }, function(result)
          if not result then
            return
          end
          if #result.suggestions > 0 then
            table.insert(faster, result['function'])
          end
          go_on(index + 1)
        end, ('%d of %d: '):format(index, #names))
      end)
    end
    go_on(1)
  end)
end

--- Teach the team the change of the function at the cursor since the last commit, whatever its verdict.
---@param buffer integer
---@param words string why it was made, in the person's words; may be empty
function M.teach(buffer, words)
  local client = session.client(buffer)
  local before = client and targets.committed(buffer)
  if not (client and before) then
    return
  end
  local params = { position = session.here(client).position, before = before, words = words }
  begin(client, buffer, TEACH, params, function(result)
    if result and require('paceline.figures').known(result.lesson) then
      session.say(
        ('%s: %s. Banked as a lesson; :PacelineLessons shows it'):format(result['function'], result.outcome)
      )
    elseif result then
      session.say(('%s cannot be judged: %s'):format(result['function'], result.reason), vim.log.levels.WARN)
    end
  end)
end

--- End every run.
function M.cancel()
  if #runs == 0 then
    return session.say('Paceline: nothing runs')
  end
  for _, run in ipairs(vim.list_slice(runs)) do
    local client = vim.lsp.get_client_by_id(run.client)
    if client and run.request then
      client:cancel_request(run.request)
    elseif client then
      client:notify('window/workDoneProgress/cancel', { token = run.token })
    end
    M.drop(run)
  end
  session.say('Paceline: cancelled. What was proven already is among the code actions.')
end

--- Follow the progress of a run, also of one that was not begun here.
---@param client integer
---@param params {token: string|integer, value: table}
function M.progress(client, params)
  local value = params.value
  local run = vim.iter(runs):find(function(one)
    return one.token == params.token and one.client == client
  end)
  local token = tostring(params.token)
  -- One of ours that is not known was cancelled meanwhile.
  if
    not run
    and value.kind == 'begin'
    and vim.startswith(token, ANYBODYS)
    and not vim.startswith(token, OURS)
  then
    run = { token = params.token, client = client, title = '', count = '', message = '', found = {} }
    table.insert(runs, run)
  end
  if not run then
    return
  end
  run.title = value.title or run.title
  run.message = value.message or run.message
  if value.kind == 'end' then
    M.drop(run)
  else
    show()
  end
end

--- Something is proven (`paceline/suggestion`), and can be applied while the run goes on.
---@param found {uri: string, function: string, id: string, title: string}
---@param context lsp.HandlerContext
function M.found(found, context)
  local run = vim.iter(runs):find(function(one)
    return one.client == context.client_id and one.title:find(found['function'], 1, true) ~= nil
  end)
  if run and session.setting('progress', true) then
    table.insert(run.found, found.title)
    return show()
  end
  session.say(('%s: %s'):format(found['function'], found.title))
end

--- A server has gone: forget its runs, and return how many there were.
---@param client integer
---@return integer
function M.lost(client)
  local lost = vim.tbl_filter(function(run)
    return run.client == client
  end, runs)
  vim.iter(lost):each(M.drop)
  return #lost
end

--- Forget a run that has ended.
---@param run paceline.Run
function M.drop(run)
  runs = vim.tbl_filter(function(one)
    return one ~= run
  end, runs)
  show()
end

--- Say how a run ended.
---@param result table the answer to `paceline/optimize`
function M.say_end(result)
  local best = result.suggestions[1]
  if best then
    local gain = best.title:match('^%S+ faster') or best.title
    session.say(('%s: %s is proven; :PacelinePick shows it'):format(result['function'], gain))
  elseif result.status == 'cannot-judge' then
    session.say(('%s cannot be judged: %s'):format(result['function'], result.reason), vim.log.levels.WARN)
  else
    session.say(('No faster version of %s could be proven: %s'):format(result['function'], result.reason))
  end
end

return M

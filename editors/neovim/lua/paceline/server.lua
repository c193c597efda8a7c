--- The server's life: said when it ends by accident, started anew by itself a few times, and by hand.
local session = require('paceline.session')
local M = {}

--- How often in how many milliseconds the server is started anew by itself. One that keeps dying is left alone.
local RESTARTS, WITHIN_MS = 3, 180000
---@type integer[] when it was started anew, in milliseconds
local restarts = {}

--- A server's process has ended.
---@param code integer
---@param signal integer
---@param client_id integer
function M.exited(code, signal, client_id)
  vim.schedule(function()
    local lost = require('paceline.run').lost(client_id)
    require('paceline.status').forget(client_id)
    if vim.v.exiting ~= vim.NIL or (code == 0 and signal == 0) then
      return
    end
    local how = signal ~= 0 and ('by signal %d'):format(signal) or ('with status %d'):format(code)
    local what = lost > 0
        and ('The run on this function is lost; what was learnt until then is kept. '):gsub(
          'this function',
          lost == 1 and 'your function' or 'your functions'
        )
      or ''
    local again = session.setting('restart', true) and M.may_restart(vim.uv.now())
    local next_step = again and 'It is started anew.'
      or ':PacelineRestart starts it anew; :checkhealth paceline looks for the cause.'
    session.say(('Paceline: the server ended %s. %s%s'):format(how, what, next_step), vim.log.levels.WARN)
    if again then
      M.start()
    end
  end)
end

--- Start the server anew: end what runs, then serve the same buffers.
function M.restart()
  restarts = {}
  vim.iter(vim.lsp.get_clients({ name = 'paceline' })):each(function(client)
    client:stop()
  end)
  -- A client that is stopping serves no buffer any more, so each gets a new one.
  M.start()
end

--- Whether the server may be started by itself once more, which is then counted.
---@param now integer milliseconds
---@return boolean
function M.may_restart(now)
  restarts = vim.tbl_filter(function(moment)
    return now - moment < WITHIN_MS
  end, restarts)
  if #restarts >= RESTARTS then
    return false
  end
  table.insert(restarts, now)
  return true
end

--- Start the server for the buffers that are open.
function M.start()
  vim.lsp.enable('paceline')
end

return M

--- The state of the team, as the server tells it, in words for a statusline.
local M = {}

---@type table<integer, string> client id to what it is busy with
local busy = {}

--- The server says what it is doing (`paceline/status`).
---@param status {busy: boolean, message: string, kind: string}
---@param client integer
function M.update(status, client)
  busy[client] = status.busy and status.message or nil
  vim.cmd.redrawstatus({ bang = true })
end

--- A server has gone, and nothing of it runs any more.
---@param client integer
function M.forget(client)
  busy[client] = nil
  vim.cmd.redrawstatus({ bang = true })
end

--- Return a few words on what goes on; empty while nothing does.
---@return string
function M.words()
  local run = require('paceline.run').latest()
  if run then
    return ('paceline: %s'):format(run.message ~= '' and run.message or run.title)
  end
  local _, message = next(busy)
  return message and ('paceline: %s'):format(message) or ''
end

return M

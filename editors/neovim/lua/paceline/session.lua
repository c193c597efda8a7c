--- The connection to the server: which client serves a buffer, requests, and what is said to the person.
local M = {}

--- Say something to the person.
---@param message string
---@param level? integer of vim.log.levels, INFO by default
function M.say(message, level)
  vim.notify(message, level or vim.log.levels.INFO, { title = 'Paceline' })
end

--- Return the running client of a buffer, or any that runs; nil after having said what to do.
---@param buffer? integer
---@return vim.lsp.Client?
function M.client(buffer)
  local client = vim.iter(vim.lsp.get_clients({ name = 'paceline', bufnr = buffer })):find(function(one)
    return not one:is_stopped()
  end)
  if not client then
    M.say(
      'Paceline does not serve this buffer, or is just starting; :checkhealth paceline says which',
      vim.log.levels.WARN
    )
  end
  return client
end

--- Send a request. `take` gets the result; what goes wrong is said, and `fail` is called where it is given.
---@param client vim.lsp.Client
---@param method string
---@param params table
---@param buffer integer
---@param take fun(result: any)
---@param fail? fun()
---@return integer? id of the request, nil where it could not be sent
function M.request(client, method, params, buffer, take, fail)
  local sent, id = client:request(method, params, function(problem, result)
    if not problem then
      return take(result)
    end
    if fail then
      fail()
    end
    M.say('Paceline: ' .. M.words_of(problem), vim.log.levels.WARN)
  end, buffer)
  if not sent then
    M.say('Paceline: the server has gone; :PacelineRestart starts it anew', vim.log.levels.WARN)
    return nil
  end
  return id
end

--- Return what to tell a person of an error of the protocol.
---@param problem lsp.ResponseError
---@return string
function M.words_of(problem)
  if problem.code == vim.lsp.protocol.ErrorCodes.MethodNotFound then
    return 'this server is older than the plugin and does not know that; update Paceline'
  end
  return problem.message
end

--- Return the cursor of the current window as the parameters of a request.
---@param client vim.lsp.Client
function M.here(client)
  return vim.lsp.util.make_position_params(0, client.offset_encoding)
end

--- Return a setting of vim.g.paceline.
---@param name string
---@param default any
function M.setting(name, default)
  local value = (vim.g.paceline or {})[name]
  if value == nil then
    return default
  end
  return value
end

return M

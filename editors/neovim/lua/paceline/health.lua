--- :checkhealth paceline: the editor, the server, and what `paceline doctor` finds in the workspace.
local M = {}

local STATES = { ok = 'ok', warn = 'warn', fail = 'error' }

--- Look, and say what to do where something is missing.
function M.check()
  vim.health.start('Paceline: Neovim')
  if vim.fn.has('nvim-0.11') == 0 then
    return vim.health.error('Neovim 0.11 or newer is needed, for vim.lsp.config and vim.lsp.enable')
  end
  vim.health.ok(('Neovim %s'):format(vim.version()))
  M.client()
  vim.health.start('Paceline: what `paceline doctor` finds')
  M.doctor()
end

--- Say whether the server is set up and running.
function M.client()
  local config = vim.lsp.config.paceline
  if not config then
    return vim.health.error('no configuration', 'put editors/neovim of Paceline on the runtimepath')
  end
  if vim.lsp.is_enabled('paceline') then
    vim.health.ok('enabled')
  else
    vim.health.warn('not enabled', "vim.lsp.enable('paceline') in init.lua")
  end
  local clients = vim.lsp.get_clients({ name = 'paceline' })
  if #clients == 0 then
    vim.health.warn('no server runs', 'open a Python file; :PacelineRestart starts it anew after an accident')
  end
  for _, client in ipairs(clients) do
    local version = (client.server_info or {}).version or ''
    vim.health.ok(
      ('server %s serves %d buffers in %s, positions in %s'):format(
        version,
        vim.tbl_count(client.attached_buffers),
        client.root_dir or 'no project',
        client.offset_encoding
      )
    )
  end
end

--- Run the doctor where the server would run, and pass on what it finds.
function M.doctor()
  local command = (vim.lsp.config.paceline or {}).cmd
  if type(command) ~= 'table' then
    return vim.health.info('`cmd` is a function here, so the doctor is yours to call: paceline doctor')
  end
  if vim.fn.executable(command[1]) == 0 then
    return vim.health.error(
      ('%s is not executable'):format(command[1]),
      "install Paceline, or set cmd: vim.lsp.config('paceline', { cmd = { '/path/to/paceline', 'serve', '--stdio' } })"
    )
  end
  local client = vim.lsp.get_clients({ name = 'paceline' })[1]
  local doctor = vim.list_extend(M.before_serve(command), { 'doctor', '--json' })
  local told =
    vim.system(doctor, { cwd = client and client.root_dir or vim.fn.getcwd(), text = true }):wait(30000)
  local read, findings = pcall(vim.json.decode, told.stdout)
  if not read or type(findings) ~= 'table' or not findings.checks then
    return vim.health.error(
      ('%s said nothing that can be read'):format(table.concat(doctor, ' ')),
      told.stderr
    )
  end
  for _, finding in ipairs(findings.checks) do
    local advice = finding.advice ~= '' and { finding.advice } or nil
    vim.health[STATES[finding.state] or 'info'](('%s: %s'):format(finding.name, finding.message), advice)
  end
end

--- Return the command that starts Paceline, without what makes it serve.
---@param command string[]
function M.before_serve(command)
  local words = {}
  for _, word in ipairs(command) do
    if word == 'serve' then
      break
    end
    table.insert(words, word)
  end
  return words
end

return M

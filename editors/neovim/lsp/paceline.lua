-- Paceline for Neovim 0.11 and newer. Put this folder on the runtimepath, then: vim.lsp.enable('paceline')

local function pending_jobs(client)
  return vim.tbl_filter(function(token)
    return vim.startswith(tostring(token), 'paceline-')
  end, vim.tbl_keys(client.progress.pending))
end

---@type vim.lsp.Config
return {
  cmd = { 'paceline', 'serve', '--stdio' },
  filetypes = { 'python' },
  root_markers = { '.paceline.toml', 'pyproject.toml', 'setup.cfg', 'setup.py', '.git' },
  -- `status` asks the server for the two notifications that are handled below.
  init_options = { status = true },
  -- What would stand in .paceline.toml, e.g. { rounds = 2, hints = { disabled = { "strings" } } }.
  settings = { paceline = vim.empty_dict() },
  handlers = {
    ['paceline/suggestion'] = function(_, found)
      vim.notify(('%s: %s'):format(found['function'], found.title), vim.log.levels.INFO, { title = 'Paceline' })
    end,
    -- For a statusline: %{get(g:, 'paceline_status', '')}
    ['paceline/status'] = function(_, status)
      vim.g.paceline_status = status.busy and ('paceline: ' .. status.message) or ''
      vim.cmd.redrawstatus()
    end,
  },
  on_attach = function(client, buffer)
    vim.api.nvim_buf_create_user_command(buffer, 'PacelineOptimize', function()
      local params = vim.lsp.util.make_position_params(0, client.offset_encoding)
      client:exec_cmd({
        title = 'Make the function at the cursor faster',
        command = 'paceline.optimize',
        arguments = { params.textDocument.uri, params.position },
      }, { bufnr = buffer })
    end, { desc = 'Prove faster versions of the function at the cursor' })

    vim.api.nvim_buf_create_user_command(buffer, 'PacelineCancel', function()
      for _, token in ipairs(pending_jobs(client)) do
        client:notify('window/workDoneProgress/cancel', { token = token })
      end
    end, { desc = 'End the runs of Paceline' })
  end,
}

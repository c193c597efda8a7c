-- The commands, and the server's own notifications. What they do is in lua/paceline/, loaded when first used.

if vim.g.loaded_paceline or vim.fn.has('nvim-0.11') == 0 then
  return
end
vim.g.loaded_paceline = true

local function to(name)
  return function(options)
    return require('paceline')[name](options)
  end
end

local on_exit = (vim.lsp.config.paceline or {}).on_exit or {}
vim.lsp.config('paceline', {
  -- `status` asks the server for the two notifications below; others would log them as unknown.
  init_options = { status = true },
  handlers = {
    ['paceline/suggestion'] = function(_, found, context)
      require('paceline.run').found(found, context)
    end,
    ['paceline/status'] = function(_, status, context)
      require('paceline.status').update(status, context.client_id)
    end,
  },
  -- Beside what you have set, not instead of it.
  on_exit = vim.list_extend(type(on_exit) == 'table' and on_exit or { on_exit }, {
    function(...)
      require('paceline.server').exited(...)
    end,
  }),
})

-- The code action *Make ... faster* runs here, so that it can be cancelled and ends with the picker.
vim.lsp.commands['paceline.optimize'] = function(command, context)
  require('paceline.run').start(context.bufnr, command.arguments[2], context.client_id)
end

vim.api.nvim_create_autocmd('LspProgress', {
  group = vim.api.nvim_create_augroup('paceline', {}),
  desc = 'How far the runs of Paceline are',
  callback = function(event)
    local client = vim.lsp.get_client_by_id(event.data.client_id)
    if client and client.name == 'paceline' then
      require('paceline.run').progress(client.id, event.data.params)
    end
  end,
})

local command = vim.api.nvim_create_user_command
command('PacelineOptimize', to('optimize'), {
  desc = 'Prove faster versions of the function at the cursor; of the range; with ! of the file; of what is changed',
  bang = true,
  range = true,
  nargs = '?',
  complete = function()
    return { 'changed' }
  end,
})
command('PacelineCancel', to('cancel'), { desc = 'End the runs of Paceline' })
command('PacelinePick', to('pick'), {
  desc = 'Choose among the proven versions, with a preview; with ! the fastest of every function of the file',
  bang = true,
})
command(
  'PacelineEvidence',
  to('evidence'),
  { desc = 'Show what was measured for the function at the cursor' }
)
command('PacelineTeach', to('teach'), {
  desc = 'Teach the change of the function at the cursor since the last commit, with your words on it',
  nargs = '?',
})
command('PacelineLessons', to('lessons'), { desc = 'Show what was learnt in this workspace' })
command('PacelineRestart', to('restart'), { desc = 'Start the server anew' })

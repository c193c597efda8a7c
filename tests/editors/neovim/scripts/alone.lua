-- Without the plugin: code actions, hints and progress, with what Neovim itself has for them.
local person = dofile(vim.env.PERSON)
local seen = person.seen

vim.lsp.handlers['window/showMessage'] = function(_, message)
  table.insert(seen.said, message.message)
end

local function choose(kind)
  vim.lsp.buf.code_action({
    apply = true,
    filter = function(action)
      return action.kind == kind and (action.edit == nil or action.title:find('set') ~= nil)
    end,
  })
end

person.tell(function()
  person.served()
  seen.commands = vim.fn.exists(':PacelineOptimize')
  vim.fn.search('def total')
  seen.progress = {}
  vim.api.nvim_create_autocmd('LspProgress', {
    callback = function()
      table.insert(seen.progress, vim.lsp.status())
    end,
  })
  choose('refactor.rewrite.optimize.start')
  person.hear('total can be')
  choose('refactor.rewrite.optimize.proven')
  person.wait('the edit', function()
    return vim.bo.modified
  end)
  seen.text = vim.api.nvim_buf_get_lines(0, 0, -1, false)
end)

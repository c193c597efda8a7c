-- What is said when nothing comes of a run, when there is nothing to run on, and when settings are malformed.
local person = dofile(vim.env.PERSON)
local seen = person.seen

vim.lsp.handlers['window/showMessage'] = function(_, message)
  table.insert(seen.said, message.message)
end

person.tell(function()
  person.served()
  seen.settings = person.hear('ronds')
  for name, words in pairs({
    nothing = 'No faster version',
    unjudgeable = 'cannot be judged',
    broken = 'no sandbox',
  }) do
    vim.fn.search('def ' .. name, 'w')
    vim.cmd.PacelineOptimize()
    seen[name] = person.hear(words)
  end
  vim.fn.cursor(3, 1)
  vim.cmd.PacelineOptimize()
  seen.nowhere = person.hear('no function here')
  vim.cmd.PacelinePick()
  person.hear('nothing that is proven stands here')

  vim.cmd.new()
  vim.cmd.PacelineOptimize()
  seen.elsewhere = person.hear('does not serve this buffer')
end)

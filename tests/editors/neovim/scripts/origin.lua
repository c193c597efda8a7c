-- A person goes to the function that a lesson was learnt on, where two files have one name.
local person = dofile(vim.env.PERSON)

person.tell(function()
  local root = vim.fs.dirname(vim.api.nvim_buf_get_name(0))
  local function opened(place)
    require('paceline.lessons').go_to({
      root = root,
      place = place,
      origin = { target = 'total', file = 'module.py' },
    })
    return vim.api.nvim_buf_get_name(0):sub(#root + 2)
  end
  person.seen.of_two = { opened('module.py'), opened('below/module.py') }
  person.seen.moved = opened('gone/module.py')
  person.seen.outside = opened('../outside/module.py')
  person.seen.older = opened(vim.NIL)
end)

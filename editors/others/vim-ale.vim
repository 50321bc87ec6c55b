" Foretype in Vim through ALE (Debian: vim-ale): completions in the popup menu.
set completeopt=menu,menuone,popup,noselect,noinsert
let g:ale_completion_enabled = 1
" Not `runtime!`: ALE must be loaded before the server is defined.
runtime plugin/ale.vim

" The languages that are to have completions. Name the linters you want beside it in g:ale_linters
" above this: ALE's own choice is only for languages that are not named there.
let g:ale_linters = get(g:, 'ale_linters', {})
for s:language in ['python', 'go', 'javascript', 'typescript', 'rust', 'c', 'cpp']
  call ale#linter#Define(s:language, {
  \   'name': 'foretype',
  \   'lsp': 'stdio',
  \   'executable': 'foretype',
  \   'command': '%e serve --stdio',
  \   'project_root': {buffer -> expand('#' . buffer . ':p:h')},
  \   'initialization_options': {'inlineCompletion': {'completionFallback': v:true}},
  \})
  let g:ale_linters[s:language] = get(g:ale_linters, s:language, []) + ['foretype']
endfor

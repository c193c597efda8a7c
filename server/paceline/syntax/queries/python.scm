; What Paceline asks of a Python tree. Each part begins with a "part:" line and is compiled on its own.

; part: outline
; Functions, classes, their decorators, and the imports, wherever they stand.

(function_definition name: (identifier) @name) @function
(class_definition name: (identifier) @name) @class
(decorated_definition definition: (_) @definition) @decorated
(import_statement) @import
(import_from_statement) @import
(future_import_statement) @import
(global_statement (identifier) @global)

; part: parameters
; The names a function's parameters bind.

(parameters (identifier) @parameter)
(parameters (default_parameter name: (identifier) @parameter))
(parameters (typed_parameter . (identifier) @parameter))
(parameters (typed_default_parameter name: (identifier) @parameter))
(parameters (list_splat_pattern (identifier) @parameter))
(parameters (dictionary_splat_pattern (identifier) @parameter))
(parameters (typed_parameter (list_splat_pattern (identifier) @parameter)))
(parameters (typed_parameter (dictionary_splat_pattern (identifier) @parameter)))

; part: decorators
(decorator) @decorator

; part: verbatim
; Nodes whose inner lines are content: indentation there is never touched.

(string) @verbatim

; part: bindings
; Names a statement binds in the scope it stands in. Imports are read apart.

(function_definition name: (identifier) @binding)
(class_definition name: (identifier) @binding)
(assignment left: (identifier) @binding)
(augmented_assignment left: (identifier) @binding)
(named_expression name: (identifier) @binding)
(for_statement left: (identifier) @binding)
(pattern_list (identifier) @binding)
(tuple_pattern (identifier) @binding)
(list_pattern (identifier) @binding)
(list_splat_pattern (identifier) @binding)
(as_pattern_target (identifier) @binding)
(as_pattern_target (_ (identifier) @binding))
(as_pattern_target (_ (_ (identifier) @binding)))
(type_alias_statement left: (type (identifier) @binding))
(delete_statement (identifier) @binding)
(case_pattern (dotted_name . (identifier) @binding .))
(case_pattern (as_pattern (identifier) @binding))
(splat_pattern (identifier) @binding)

; part: fields
; Attributes of an object that its class gives it.

(class_definition body: (block (expression_statement (assignment left: (identifier) @field)))) @of
(assignment left: (attribute object: (identifier) @object attribute: (identifier) @field))

; part: imports
; What an import binds: a module, or a name out of a module.

(import_statement name: (dotted_name) @module)
(import_statement name: (aliased_import name: (dotted_name) @module alias: (identifier) @alias))
(import_from_statement module_name: (_) @from name: (dotted_name) @member)
(import_from_statement module_name: (_) @from
  name: (aliased_import name: (dotted_name) @member alias: (identifier) @alias))
(import_from_statement module_name: (_) @from (wildcard_import) @wildcard)
(future_import_statement name: (_) @future)

; part: features
; What a function is made of. A capture counts under its own name; one that ends in ".text" counts under its
; name and its text ("call:append"); "nest." marks what can stand inside itself, and its depth is counted.

(for_statement) @nest.loop
(while_statement) @nest.loop
(for_in_clause) @nest.comprehension
(if_statement) @branch
(elif_clause) @branch
(conditional_expression) @branch
(if_clause) @filter
(try_statement) @try
(with_statement) @with
(return_statement) @return
(break_statement) @break
(continue_statement) @continue
(yield) @yield
(await) @await
(raise_statement) @raise
(lambda) @lambda

(call function: (identifier) @call.text)
(call function: (attribute attribute: (identifier) @call.text))
(binary_operator operator: _ @op.text)
(augmented_assignment operator: _ @op.text)
(comparison_operator operators: _ @op.text)
(boolean_operator operator: _ @op.text)
(unary_operator operator: _ @op.text)
(not_operator "not" @op.text)

(subscript) @subscript
(slice) @slice
(attribute) @attribute
(list) @container.list
(dictionary) @container.dict
(set) @container.set
(tuple) @container.tuple
(list_comprehension) @container.list
(dictionary_comprehension) @container.dict
(set_comprehension) @container.set
(generator_expression) @generator
(string) @string
(interpolation) @string.interpolation
(concatenated_string) @string.concatenated
(integer) @number
(float) @number

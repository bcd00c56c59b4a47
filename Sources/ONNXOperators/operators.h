// The operators of the library.
#pragma once

#include "operator_interface.h"

operator_definition fast_hash_operator(void);
operator_definition strong_hash_operator(void);
operator_definition byte_length_operator(void);
operator_definition strip_operator(void);
operator_definition substring_operator(void);
operator_definition split_at_space_operator(void);
operator_definition join_by_row_operator(void);

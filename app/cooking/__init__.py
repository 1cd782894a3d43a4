"""Food: ingredient lines, amounts, units and scaling, as pure functions."""

"""What every layer may use: settings, errors, security, text. It knows no database and no HTTP."""

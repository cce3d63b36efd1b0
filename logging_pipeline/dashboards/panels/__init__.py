"""One file a panel type, all of one shape; `registry` finds them by listing this folder."""

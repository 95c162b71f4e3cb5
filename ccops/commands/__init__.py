"""Groups of subcommands, one file each; ``__main__`` puts them together."""

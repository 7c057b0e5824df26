"""The bridge to DaVinci Resolve: its scripting API in a child process, its life, and the procedure of a render."""

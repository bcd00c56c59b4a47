import CLinux
import CommandLineTool

keep_freed_memory()
LimnoCommand.main()

import CommandLineTool

LimnoCommand.main()
